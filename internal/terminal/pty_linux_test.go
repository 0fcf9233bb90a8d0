package terminal

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminalPair opens a pseudo-terminal: what a person sees and types, and the
// terminal itself.
func terminalPair(t *testing.T) (person, tty *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	raw, err := person.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	if err := raw.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err == nil {
			number, err = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	return person, tty
}

// answer types each answer when its question stands on the screen and the echo
// is off, as a person does who is slower than a program, and returns all that
// was to be seen.
func answer(person, tty *os.File, dialogue ...string) <-chan string {
	seen := make(chan string, 1)
	go func() {
		var screen bytes.Buffer
		one := make([]byte, 1)
		for i := 0; i+1 < len(dialogue); i += 2 {
			from := screen.Len()
			for !strings.Contains(screen.String()[from:], dialogue[i]) {
				if _, err := person.Read(one); err != nil {
					seen <- screen.String() + err.Error()
					return
				}
				screen.Write(one)
			}
			for echoes(tty) {
				runtime.Gosched()
			}
			io.WriteString(person, dialogue[i+1]+"\n")
		}
		seen <- screen.String()
	}()
	return seen
}

func echoes(tty *os.File) bool {
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	return err == nil && state.Lflag&unix.ECHO != 0
}

func TestPassphraseOnTerminal(t *testing.T) {
	for name, c := range map[string]struct{ first, second, want string }{
		"the same twice": {"correct horse battery", "correct horse battery", ""},
		"two differ":     {"correct horse battery", "correct horse buttery", "choosing the passphrase of trustee 2: the two differ"},
	} {
		person, tty := terminalPair(t)
		p := onTerminal(tty)
		seen := answer(person, tty, "Choose the passphrase of trustee 2: ", c.first, "The same once more: ", c.second)
		s, err := p.create("the passphrase of trustee 2")
		if c.want == "" && (err != nil || s.Export() != c.first) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want != "" && (err == nil || err.Error() != c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if screen := <-seen; strings.Contains(screen, "horse") {
			t.Errorf("%s: the terminal shows the passphrase: %q", name, screen)
		}
	}
}

func TestAskOnTerminal(t *testing.T) {
	person, tty := terminalPair(t)
	seen := answer(person, tty, "Enter the passphrase: ", "short")
	if s, err := onTerminal(tty).ask("the passphrase"); err != nil || s.Export() != "short" {
		t.Errorf("%q, %v", s.Export(), err)
	}
	if screen := <-seen; strings.Contains(screen, "short") {
		t.Errorf("the terminal shows the passphrase: %q", screen)
	}
}

// TestProgressOnTerminal: a bar with percent, and it ends.
func TestProgressOnTerminal(t *testing.T) {
	person, tty := terminalPair(t)
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80}); err != nil {
		t.Fatal(err)
	}
	if err := person.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	p := NewProgress(tty, "counting")
	if p.bar == nil {
		t.Fatal("no bar on a terminal")
	}
	p.Report(1, 2)
	p.Report(2, 2)
	p.Finish()
	var screen bytes.Buffer
	buffer := make([]byte, 1024)
	for !strings.Contains(screen.String(), "100%") {
		n, err := person.Read(buffer)
		if err != nil {
			t.Fatalf("%v after %q", err, screen.String())
		}
		screen.Write(buffer[:n])
	}
	if !strings.Contains(screen.String(), "counting [") {
		t.Errorf("%q", screen.String())
	}
}
