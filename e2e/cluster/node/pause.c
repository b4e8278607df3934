/* Holds a pod's namespaces open, and reaps what is orphaned in them. Ends on SIGINT and SIGTERM. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void leave(int signal) { (void)signal; _exit(0); }

static void reap(int signal) {
  (void)signal;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(void) {
  struct sigaction reaping = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
  struct sigaction leaving = {.sa_handler = leave};
  if (sigaction(SIGCHLD, &reaping, NULL) || sigaction(SIGINT, &leaving, NULL) || sigaction(SIGTERM, &leaving, NULL))
    return 1;
  for (;;)
    pause();
}
