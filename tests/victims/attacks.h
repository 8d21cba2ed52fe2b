// The attacks, in tables: one a file. `args` are the words after the attack's name, as many as its row
// says, and a null pointer for each optional one that is missing.

#ifndef TESTS_VICTIMS_ATTACKS_H_
#define TESTS_VICTIMS_ATTACKS_H_

#include <span>

#include "tests/victims/outcome.h"

namespace victims {

using Attack = Outcome (*)(char* const* args);

struct Row {
  const char* name;
  Attack attack;
  int least;  // arguments
  int most;   // kMostArguments, or fewer
  const char* arguments;
};
using Table = std::span<const Row>;
inline constexpr int kMostArguments = 8;

Table FileAttacks();
Table EntryAttacks();
Table MetadataAttacks();
Table NetAttacks();
Table UnixAttacks();
Table ProcessAttacks();
Table PriorityAttacks();
Table LifeAttacks();
Table IpcAttacks();
Table NamespaceAttacks();
Table KernelAttacks();

// Runs `attack` in a child and gives its outcome, or the signal that it died of.
Outcome InChild(Attack attack, char* const* args);

}  // namespace victims

#endif  // TESTS_VICTIMS_ATTACKS_H_
