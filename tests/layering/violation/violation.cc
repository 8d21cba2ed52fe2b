#include "lib/fd/memfd.h"
