package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/openreferendum/referendum/internal/terminal"
	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/verifier"
)

// A notebook is a file of notes: one line for the program and the election, and
// one for each station whose ballots were verified. A line ends in a sum over
// it; a last line that was cut off, or is wrong, is as good as none.
//
//	verify-notes PROGRAM ELECTION SUM
//	STATION COUNT ROOT CIPHERTEXTS SUM
//
// It is the observer's own, like the program: whoever can write it can make the
// program believe anything.
type notebook struct {
	mu    sync.Mutex
	file  *os.File
	notes map[string]verifier.Note
	err   error // of the first note that could not be kept
}

const notebookHint = "a notebook belongs to one record and one program; choose another name, or remove the file to begin anew"

// openNotebook opens the notes of an election, or begins them.
func openNotebook(path string, e *record.Election) (*notebook, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, terminal.Unusable(fmt.Errorf("opening the notebook: %w", err), "")
	}
	n := &notebook{file: f, notes: map[string]verifier.Note{}}
	if err := n.read(e); err != nil {
		return nil, terminal.Unusable(errors.Join(fmt.Errorf("reading the notebook %s: %w", path, err), f.Close()), notebookHint)
	}
	return n, nil
}

// read reads all whole lines and leaves the file's end behind the last.
func (n *notebook) read(e *record.Election) error {
	if info, err := n.file.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, errors.New("not a regular file"))
	}
	head := signed("verify-notes " + strings.ReplaceAll(terminal.BuildVersion(), " ", "-") + " " + e.ID.String())
	r, end := bufio.NewReader(n.file), int64(0)
	for first := true; ; first = false {
		line, err := r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		whole := err == nil && signed(body(line)) == line
		switch {
		case first && line == "":
			_, err := n.file.WriteString(head)
			return err
		case first && line != head:
			return errors.New("it is not of this election and this program")
		case !whole:
			if _, err := n.file.Seek(end, io.SeekStart); err != nil {
				return err
			}
			return n.file.Truncate(end)
		case !first:
			note, err := parseNote(e, body(line))
			if err != nil {
				return err
			}
			n.notes[note.Station] = note
		}
		end += int64(len(line))
	}
}

// signed appends the sum of a line, and its end.
func signed(line string) string {
	sum := sha256.Sum256([]byte(line))
	return line + " " + hex.EncodeToString(sum[:8]) + "\n"
}

// body is a line without its sum and end.
func body(line string) string { return line[:max(0, len(line)-len(" 0123456789abcdef\n"))] }

func parseNote(e *record.Election, line string) (verifier.Note, error) {
	f := strings.Fields(line)
	if len(f) != 4 {
		return verifier.Note{}, fmt.Errorf("a note of %d words", len(f))
	}
	count, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil {
		return verifier.Note{}, err
	}
	root, err := record.ParseHash(f[2])
	if err != nil {
		return verifier.Note{}, err
	}
	sum, err := e.Manifest.ParseSum([]byte(f[3]))
	if err != nil {
		return verifier.Note{}, err
	}
	return verifier.Note{Station: f[0], Count: count, Root: root, Sum: sum}, nil
}

// Known implements verifier.Notebook.
func (n *notebook) Known(station string) (verifier.Note, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	note, ok := n.notes[station]
	return note, ok
}

// Keep implements verifier.Notebook. A note that cannot be written is lost: that
// costs time in the next run, and nothing in this one.
func (n *notebook) Keep(note verifier.Note) {
	sum, err := note.Sum.MarshalText()
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err = errors.Join(n.err, err); n.err == nil {
		_, n.err = n.file.WriteString(signed(fmt.Sprintf("%s %d %v %s", note.Station, note.Count, note.Root, sum)))
	}
}

// close returns the first error.
func (n *notebook) close() error { return errors.Join(n.err, n.file.Close()) }
