package terminal

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Mark begins every line about an election that decides nothing: "REHEARSAL: "
// or "TEST DECK: " for the kinds of docs/spec/record.md, Section 4. A live
// election, and what belongs to none (""), have no mark; a kind that is not
// known here gets one.
func Mark(kind string) string {
	if kind == "" || kind == "live" {
		return ""
	}
	return strings.ToUpper(strings.ReplaceAll(kind, "-", " ")) + ": "
}

// A Voice writes lines about one election for a person, each with its mark.
type Voice struct {
	w    io.Writer
	mark string
}

// NewVoice returns a voice for an election of the given kind.
func NewVoice(w io.Writer, kind string) Voice { return Voice{w, Mark(kind)} }

// Say writes a line, or several, without control characters.
func (v Voice) Say(format string, args ...any) {
	for line := range strings.SplitSeq(printable(fmt.Sprintf(format, args...)), "\n") {
		fmt.Fprintf(v.w, "%s%s\n", v.mark, line)
	}
}

// About marks every line of an error and of its hint with the kind of its
// election. The exit status stays.
func About(kind string, err error) error {
	mark := Mark(kind)
	if err == nil || mark == "" {
		return err
	}
	if m, ok := errors.AsType[*markedError](err); ok && m.mark == mark {
		return err
	}
	return &Error{Status(err), &markedError{mark, err}, markLines(mark, hint(err))}
}

type markedError struct {
	mark string
	err  error
}

func (e *markedError) Error() string { return markLines(e.mark, e.err.Error()) }

func (e *markedError) Unwrap() error { return e.err }

func markLines(mark, text string) string {
	if text == "" {
		return ""
	}
	return mark + strings.ReplaceAll(text, "\n", "\n"+mark)
}
