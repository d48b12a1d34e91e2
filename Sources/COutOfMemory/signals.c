// Signals that would end the executable without a word: a file that may not grow, a reader that has gone, a file that
// is cut short while it is read.
#define _GNU_SOURCE
#include "COutOfMemory.h"
#include "internal.h"

#include <signal.h>
#include <string.h>

#if SUPPORTED
static void (*before)(int, siginfo_t *, void *);

/// Files of ratings are mapped: a page of one that is there no more, or cannot be read, ends here.
static void page_lost(int number, siginfo_t *info, void *context) {
  if (info->si_code == BUS_ADRERR)
    end_process("osusume: a file was cut short while it was read, or its disk failed: try again "
                "when nobody writes to it\n");
  if (before)
    before(number, info, context);
  signal(number, SIG_DFL);
}
#endif

void take_signals_as_errors(void) {
  // Calls that write then fail, by EFBIG and EPIPE, which whoever made them can say.
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
#if SUPPORTED
  struct sigaction action, old;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = page_lost;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (sigaction(SIGBUS, &action, &old) == 0 && (old.sa_flags & SA_SIGINFO))
    before = old.sa_sigaction;
#endif
}
