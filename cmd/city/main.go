// City is the program of one city (市人大): it takes in what the liaison
// stations (代表联络站) record, gives its signed word for it, and shows it.
//
//	main → run(ctx, args, env, stdin, stdout, stderr) error
//	         │
//	         ├─ city serve lives on this data directory ── the call goes to it ─┐
//	         └─ nobody does ── open the file, carry it out, close it ─┐         │
//	                                                                 ▼         ▼
//	                                               one table of commands (command.go)
//
// The data directory holds
//
//	ledger.db      the entries, and who is enrolled (package bolt draws it)
//	ledger.journal the second copy of these
//	ledger.key     what opens both
//	city.key       seed of the city's Ed25519 key, which the stations pin
//	city.log       what city serve met, where systemd's journal does not have it
//	control.sock   while city serve lives
//	keys.kept      during a restore: which keys count (carry.go)
//
// # The voice on stderr
//
// One sentence, Chinese first, English beside it: what happened, and what to
// do. Exit 0 only when what was asked is done; 1 when it is not; 2 when the
// words made no sense.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"liaison/cmd/clerk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(settle(os.Stderr, err))
}

// run carries out one command line. It prints everything but the sentence
// that its error stands for: see settle.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) error {
	dir, err := os.Getwd()
	if err != nil {
		dir = "/" // the folder was removed; absolute names still work
	}
	inv := &invocation{env: env, dir: dir, stdin: stdin, stdout: stdout, stderr: stderr, who: operator(), local: true}
	if len(args) == 0 && clerk.IsTerminal(stdin) && clerk.IsTerminal(stdout) {
		args = []string{"run"}
	}
	cmd, args, err := find(args)
	if err != nil {
		return err
	}
	inv.cmd = cmd
	return inv.dispatch(ctx, args)
}
