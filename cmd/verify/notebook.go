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
//	verify-notes SHA-256-OF-THE-PROGRAM ELECTION SUM
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
	if err := n.read(f, e); err != nil {
		return nil, terminal.Unusable(errors.Join(fmt.Errorf("reading the notebook %s: %w", path, err), f.Close()), notebookHint)
	}
	return n, nil
}

// read reads all whole lines and leaves the file's end behind the last.
func (n *notebook) read(f *os.File, e *record.Election) error {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, errors.New("not a regular file"))
	}
	program, err := programHash()
	if err != nil {
		return err
	}
	head := headOf(program, e)
	notes, end, err := parseNotes(f, head, e)
	if err != nil {
		return err
	}
	n.notes = notes
	if _, err := f.Seek(end, io.SeekStart); err != nil {
		return err
	}
	if err := f.Truncate(end); err != nil || end > 0 {
		return err
	}
	_, err = f.WriteString(head)
	return err
}

// headOf is the first line of the notes of an election.
func headOf(program record.Hash, e *record.Election) string {
	return signed(fmt.Sprintf("verify-notes %v %v", program, e.ID))
}

// programHash is the SHA-256 of the program that runs: another one may judge
// otherwise.
func programHash() (record.Hash, error) {
	path, err := os.Executable()
	if err != nil {
		return record.Hash{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return record.Hash{}, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return record.Hash(h.Sum(nil)), err
}

// parseNotes reads notes up to the first line that is cut off or wrong, and
// says where that begins. Only an empty file may lack the head.
func parseNotes(r io.Reader, head string, e *record.Election) (notes map[string]verifier.Note, end int64, err error) {
	notes = map[string]verifier.Note{}
	lines := bufio.NewReader(r)
	for first := true; ; first = false {
		line, err := lines.ReadString('\n')
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return nil, 0, err
		case first && line != "" && line != head:
			return nil, 0, errors.New("it is not of this election and this program")
		case err != nil || signed(body(line)) != line:
			return notes, end, nil
		case !first:
			note, err := parseNote(e, body(line))
			if err != nil {
				return nil, 0, err
			}
			notes[note.Station] = note
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
	line, err := lineOf(note)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err = errors.Join(n.err, err); n.err == nil {
		_, n.err = n.file.WriteString(line)
	}
}

// lineOf is the line of a note.
func lineOf(note verifier.Note) (string, error) {
	sum, err := note.Sum.MarshalText()
	return signed(fmt.Sprintf("%s %d %v %s", note.Station, note.Count, note.Root, sum)), err
}

// close returns the first error.
func (n *notebook) close() error { return errors.Join(n.err, n.file.Close()) }
