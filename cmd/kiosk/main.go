// Kiosk is the program of one liaison station (人大代表联络站): its screen, its
// SSH door, its sync with the city, and every command.
//
//	main → run(ctx, args, env, stdin, stdout, stderr) error
//	         │
//	         ├─ a process serves the data directory ── the whole call goes to it ─┐
//	         └─ nobody does ── open the file, carry the command out, close it ─┐  │
//	                                                                          ▼  ▼
//	                         one table of commands (command.go) ◀── an SSH session's words
//
// The three ways differ in who calls and what the caller may touch, never in
// words or output.
//
// # The voice on stderr
//
// One sentence, Chinese first, English beside it: what happened, and what to
// do. No blame, no jargon, never a raw error: that goes to kiosk.log in the
// data directory under a code that the sentence ends with. Exit 0 only when
// what was asked is done; 1 when it is not; 2 when the words made no sense.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a reader that went away is an error of the write, and folders are still cleared up
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(settle(os.Stderr, nil, err))
}

// run carries out one command line. It prints everything but the sentence
// that its error stands for: see settle.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) error {
	dir, chosen, args, err := dataDir(args, env)
	if err != nil {
		return err
	}
	cmd, args, err := find(args)
	if err != nil {
		return err
	}
	work, err := os.Getwd()
	if err != nil {
		work = "/" // the folder was removed; absolute names still work
	}
	inv := &invocation{
		cmd: cmd, args: args, env: env, dir: work, data: dir, chosen: chosen,
		stdin: stdin, stdout: stdout, stderr: stderr, who: owner(), local: true,
	}
	return inv.dispatch(ctx)
}
