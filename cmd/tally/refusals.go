package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/openreferendum/referendum/internal/terminal"
)

// refusals is what one command did not take of what it was given.
type refusals struct {
	v     terminal.Voice
	n     int
	worst error // gives the exit status
}

// add says what is not taken, and what to do.
func (r *refusals) add(path string, err error) {
	err = explain(err)
	r.v.Say("refused:   %s: %v", shown(path), err)
	if e, ok := errors.AsType[*terminal.Error](err); ok && e.Hint != "" {
		r.v.Say("           hint: %s", e.Hint)
	}
	r.n++
	if r.worst == nil || terminal.Status(err) > terminal.Status(r.worst) {
		r.worst = err
	}
}

// verdict is the command's error: how many were refused, "of 3 answers are
// refused", or none.
func (r *refusals) verdict(of, hint string) error {
	if r.n == 0 {
		return nil
	}
	return &terminal.Error{Status: terminal.Status(r.worst), Err: fmt.Errorf("%d %s", r.n, of), Hint: hint}
}

// shown quotes a name that could pass for a line of ours: names on a medium are
// chosen by whoever had it.
func shown(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(path)
	}
	return path
}
