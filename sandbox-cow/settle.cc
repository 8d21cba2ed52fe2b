#include "sandbox-cow/settle.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/overlay/changes.h"
#include "lib/overlay/commit.h"

namespace sandbox::cow_tool {
namespace {

absl::StatusOr<std::string> KeepLayer(overlay::Layer& layer) {
  RETURN_IF_ERROR(layer.Keep());
  return absl::StrCat("kept the changes of ", layer.workdir_path(), " in ", layer.path());
}

absl::StatusOr<std::string> CommitLayer(overlay::Layer& layer) {
  overlay::CommitReport report;
  if (const absl::Status status = Commit(layer, &report); !status.ok()) {
    const auto kept = KeepLayer(layer);
    return Annotate(status, absl::StrCat("cannot commit; ",
                                         kept.ok() ? *kept : std::string(kept.status().message())));
  }
  RETURN_IF_ERROR(layer.Discard());
  std::string done = absl::StrCat("committed to ", layer.workdir_path(), ": ", report.replaced,
                                  " put in place, ", report.removed, " removed");
  for (const std::string& path : report.dropped_privileges) {
    absl::StrAppend(&done, "; set-ID bits dropped from ", path);
  }
  for (const std::string& path : report.broken_links) {
    absl::StrAppend(&done, "; other names of ", path, " keep the old content");
  }
  return done;
}

}  // namespace

absl::StatusOr<std::string> Settle(overlay::Layer& layer, Then then) {
  switch (then) {
    case Then::kCommit:
      return CommitLayer(layer);
    case Then::kKeep:
      return KeepLayer(layer);
    case Then::kDiscard:
      break;
  }
  RETURN_IF_ERROR(layer.Discard());
  return absl::StrCat("discarded the changes of ", layer.workdir_path());
}

absl::StatusOr<std::string> ListChanges(const overlay::Layer& layer) {
  ASSIGN_OR_RETURN(const std::vector<overlay::Change> changes, Scan(layer));
  std::string list;
  for (const overlay::Change& change : changes) absl::StrAppend(&list, FormatChange(change), "\n");
  return list;
}

}  // namespace sandbox::cow_tool
