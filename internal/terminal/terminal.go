// Package terminal gives our command-line programs the same manners: exit
// statuses, errors with a hint, progress with an estimate of the time left,
// passphrases without echo, and one root command.
//
// It contains neither net/http nor os/exec, so the offline programs may use it;
// a test of this package and internal/architecture hold that.
package terminal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// Exit statuses of all our programs.
const (
	ExitOK       = 0
	ExitBad      = 1 // what was checked is bad: the record does not verify, the tally refuses
	ExitUsage    = 2 // wrong usage, or input that cannot be used
	ExitInternal = 3 // our fault, or this machine's: a bug, a full disk
)

// An Error is an error for a person: what happened, what to do about it, and
// the exit status. Run prints it.
type Error struct {
	Status int
	Err    error
	Hint   string // may be empty
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error below.
func (e *Error) Unwrap() error { return e.Err }

// Bad says that what was checked is bad. Bad(nil, …) is nil, as it is for the
// other two.
func Bad(err error, hint string) error { return with(ExitBad, err, hint) }

// Unusable says that the program was called wrongly, or with input that it
// cannot use.
func Unusable(err error, hint string) error { return with(ExitUsage, err, hint) }

// Internal says that it is our fault or this machine's. Errors of a command
// that are of none of the three kinds are internal too.
func Internal(err error, hint string) error { return with(ExitInternal, err, hint) }

func with(status int, err error, hint string) error {
	if err == nil {
		return nil
	}
	return &Error{status, err, hint}
}

// Ours reports whether reading or writing failed for a reason of this computer.
// A program asks it about errors that it has no better word for. A file where a
// folder is due, or a link that leads nowhere, is not of this computer: it was
// given to the program.
func Ours(err error) bool {
	for _, given := range []error{syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP, syscall.ENAMETOOLONG} {
		if errors.Is(err, given) {
			return false
		}
	}
	_, path := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	_, call := errors.AsType[*os.SyscallError](err)
	return path || link || call
}

// Status returns the exit status of what a command returned. The outermost
// Error counts.
func Status(err error) int {
	if err == nil {
		return ExitOK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return ExitInternal
}

// hint returns the hint of the outermost Error that has one.
func hint(err error) string {
	for {
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Hint != "" {
			if ok {
				return e.Hint
			}
			return ""
		}
		err = e.Err
	}
}

// Fail tells a person what happened and what to do, and returns status for
// os.Exit:
//
//	verify: error: reading the manifest: no such file
//	verify: hint: RECORD is the folder that contains manifest.json
func Fail(w io.Writer, program, what, hint string, status int) int {
	fmt.Fprintf(w, "%s: error: %s\n", program, printable(what))
	if hint != "" {
		fmt.Fprintf(w, "%s: hint: %s\n", program, printable(hint))
	}
	if status == ExitInternal {
		fmt.Fprintf(w, "%s: this is a fault of the program or of this machine, not of the input\n", program)
	}
	return status
}

// printable replaces control characters: a file name or a record must not be
// able to write to the terminal as it likes.
func printable(s string) string {
	clean := []rune(s)
	for i, r := range clean {
		if (r < ' ' && r != '\n' && r != '\t') || (r >= 0x7f && r < 0xa0) {
			clean[i] = '\uFFFD'
		}
	}
	return string(clean)
}
