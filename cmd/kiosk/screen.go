package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/internal/terminal"
)

// columns is how wide a line is at most, its mark included.
const columns = 100

// wrap breaks a line at its spaces; what follows is indented. A word longer than
// a line, such as a path, stays whole.
func wrap(text string, width int, indent string) []string {
	var lines []string
	line, used := "", 0
	for i, word := range strings.Split(text, " ") {
		n := cells(word)
		if i > 0 && used+1+n > width && strings.TrimSpace(line) != "" {
			lines = append(lines, line)
			line, used = indent+word, cells(indent)+n
			continue
		}
		if i > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+n
	}
	return append(lines, line)
}

// cells is how many columns a text takes on a terminal: East Asian characters
// take two.
func cells(text string) (n int) {
	for _, r := range text {
		if n++; r >= 0x2E80 {
			n++
		}
	}
	return n
}

// A page writes lines of at most columns.
type page struct {
	v    terminal.Voice
	room int
}

func newPage(w io.Writer, kind string) page {
	return page{terminal.NewVoice(w, kind), columns - cells(terminal.Mark(kind))}
}

// say writes a text; where its lines are broken, what follows is indented.
func (p page) say(text, indent string) {
	for line := range strings.SplitSeq(text, "\n") {
		for _, part := range wrap(line, p.room, indent) {
			p.v.Say("%s", part)
		}
	}
}

// A watched output remembers that it was lost: nobody sees a console then, and
// the program ends as it does at the end of its input.
type watched struct {
	w    io.Writer
	once sync.Once
	lost chan struct{}
}

func newWatched(w io.Writer) *watched { return &watched{w: w, lost: make(chan struct{})} }

func (o *watched) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	if err != nil {
		o.once.Do(func() { close(o.lost) })
	}
	return n, err
}

// maxLine bounds what is typed in one line, in bytes.
const maxLine = 1024

// errLine is for a line that nobody types.
var errLine = errors.New("a line that is too long was ignored")

// readLine reads a line. Of one that is too long nothing is kept.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	long := false
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && len(part) == 0 && len(line) == 0 && !long {
			return "", err
		}
		if long {
			return "", errLine
		}
		return strings.TrimRight(string(line), "\r\n"), nil
	}
}

// tty is the terminal at which people type, or nil.
func tty(in io.Reader) *os.File {
	f, ok := in.(*os.File)
	if !ok {
		return nil
	}
	if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err != nil {
		return nil
	}
	return f
}

// hide keeps what is typed off the screen while a PIN or a passphrase is asked
// for.
func (c *console) hide(hidden bool) {
	if c.tty == nil || hidden == c.hidden {
		return
	}
	t, err := unix.IoctlGetTermios(int(c.tty.Fd()), unix.TCGETS)
	if err != nil {
		return
	}
	t.Lflag |= unix.ECHO
	if hidden {
		t.Lflag &^= unix.ECHO
	}
	if unix.IoctlSetTermios(int(c.tty.Fd()), unix.TCSETS, t) == nil {
		c.hidden = hidden
	}
}

// wipe takes what a voter has typed off the terminal, what was scrolled away
// too, and forgets what was typed and not sent: nobody who comes next reads
// choices.
func (c *console) wipe() {
	if c.tty == nil {
		return
	}
	_ = unix.IoctlSetInt(int(c.tty.Fd()), unix.TCFLSH, unix.TCIFLUSH) // a terminal that cannot has nothing to forget
	_, _ = io.WriteString(c.tty, "\x1b[H\x1b[2J\x1b[3J")              // the same
	c.said, c.more = "", nil
}
