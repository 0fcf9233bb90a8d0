package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/openreferendum/referendum/ceremonies/provisioning"
	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
)

// openPTY returns both ends of a terminal.
func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	fd := int(master.Fd())
	must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	must(t, err)
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { master.Close() })
	return master, slave
}

// onTerminal starts the console at a terminal of its own.
func onTerminal(t *testing.T, m *kiosktest.Machine) *desk {
	t.Helper()
	master, slave := openPTY(t)
	c := kioskProcess(t, "run", "--console", "--config", m.Path("kiosk.json"))
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	c.SysProcAttr.Setsid, c.SysProcAttr.Setctty = true, true
	must(t, c.Start())
	slave.Close()
	k := &desk{t: t, c: c, in: master, lines: make(chan string, 1000)}
	go func() {
		defer close(k.lines)
		s := bufio.NewScanner(master)
		s.Split(func(b []byte, end bool) (int, []byte, error) { // a question ends without a line
			if i := bytes.IndexByte(b, '\n'); i >= 0 {
				return i + 1, b[:i+1], nil
			}
			if bytes.HasSuffix(b, []byte(": ")) || end && len(b) > 0 {
				return len(b), b, nil
			}
			return 0, nil, nil
		})
		for s.Scan() {
			k.lines <- s.Text()
		}
	}()
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return k
}

// TestAtATerminal: neither PIN nor passphrase is ever on the screen, and what a
// voter has typed is gone from it, scrolled away or not, once it was taken.
func TestAtATerminal(t *testing.T) {
	m := provisioned(t, record.TestDeck, 3)
	const secret = "an official's passphrase"
	for i, seed := range m.World.Officials {
		key, err := provisioning.GenerateKey(bytes.NewReader(seed.Seed()))
		must(t, err)
		must(t, provisioning.WriteKey(m.Path(fmt.Sprintf("official-%d.age", i+1)), key, secret, 10))
	}
	k := onTerminal(t, m)
	k.sees(`Enter the passphrase`)
	for { // a person is slower than a program
		state, err := unix.IoctlGetTermios(int(k.in.(*os.File).Fd()), unix.TCGETS)
		if must(t, err); state.Lflag&unix.ECHO == 0 {
			break
		}
	}
	k.say("%s", kiosktest.Passphrase)
	k.sees(`\[Unopened\]`)
	k.say("sign %s", m.Path("official-1.age"))
	k.sees(`nothing has begun`)
	k.say("open")
	k.sees(`a poll worker inserts`)
	for i := 1; i <= 2; i++ {
		k.say("sign %s", m.Path(fmt.Sprintf("official-%d.age", i)))
		k.sees(`type the passphrase`)
		k.say("%s", secret)
	}
	k.sees(`done: open`)
	k.toQuestions(m, 1)
	k.say("choose 3 2")
	k.sees(`\[Deciding\]`)
	k.say("choose 1 1")
	k.sees(`nobody is asked`)
	k.say("cast")
	k.sees(`\[Leaving\]`)
	must(t, m.Booth.Cards.Remove())
	k.sees(`\[Idle\]`)
	must(t, k.c.Process.Signal(syscall.SIGHUP))
	if status := k.ends(); status != 0 {
		t.Errorf("status %d", status)
	}
	shown := strings.Join(k.all, "")
	for _, s := range []string{kiosktest.Passphrase, secret, eidtest.DefaultPIN} {
		if strings.Contains(shown, s) {
			t.Errorf("%q is on the screen:\n%q", s, shown)
		}
	}
	last := shown[strings.LastIndex(shown, "\x1b[3J"):] // clears what was scrolled away
	if !strings.Contains(shown, "choose 3 2") || strings.Contains(last, "choose") {
		t.Errorf("on the screen after the session:\n%q", last)
	}
}

// TestNonsense: what nobody should type is answered, is not repeated, and ends
// nothing; a line that never ends is no end of the input.
func TestNonsense(t *testing.T) {
	m := provisioned(t, record.TestDeck, 3)
	k := run(t, m)
	k.sees(`\[Unopened\]`)
	for line, want := range map[string]string{
		"\x1b[2J\x00\a":            `unknown word`,
		"654321":                   `unknown word`,
		strings.Repeat("x", 1<<20): `too long was ignored`,
		"choose 1 2":               `nobody is asked to choose`,
		"CAST":                     `no slip waits`,
		"challenge":                `no slip waits`,
		"cancel":                   `nothing has begun`,
		"void":                     `not possible now`,
		"suspend":                  `not possible now`,
		"wait nowhere":             `no such place`,
		"wait idle 99999999999":    `from 1 to 600`,
		"export 1":                 `the medium's device`,
	} {
		k.say("%s", line)
		k.sees(want)
	}
	k.in.Close()
	if status := k.ends(); status != 0 {
		t.Errorf("status %d", status)
	}
	for _, line := range k.all {
		if strings.ContainsAny(line, "\x1b\x00\a") || strings.Contains(line, "654321") || cells(line) > columns {
			t.Errorf("printed: %q", line)
		}
	}
}

// TestStopped: a signal, or a console that nobody sees any more, ends the
// program as quit does, whatever the voter is doing: the next start goes on.
func TestStopped(t *testing.T) {
	m := provisioned(t, record.TestDeck, 5)
	k := run(t, m)
	k.act(m, "open", 0, 1)
	for i, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
		k.toQuestions(m, 1)
		if i > 0 {
			k.say("choose 1 2")
			k.sees(`\[Deciding\]`)
		}
		must(t, k.c.Process.Signal(signal))
		if status := k.ends(); status != 0 {
			t.Errorf("%v: status %d", signal, status)
		}
		must(t, m.Booth.Cards.Remove())
		k = run(t, m)
		k.sees(`\[Suspended\]`)
		k.act(m, "resume", 0, 1)
	}
	k.say("quit")
	k.ends()

	r, w, err := os.Pipe()
	must(t, err)
	c := kioskProcess(t, "run", "--console", "--config", m.Path("kiosk.json"), "--passphrase-file", m.Path("passphrase"))
	in, err := c.StdinPipe()
	must(t, err)
	c.Stdout = w
	must(t, c.Start())
	w.Close()
	if _, err := bufio.NewReader(r).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	r.Close()
	for { // until nobody reads what is typed either
		if _, err := io.WriteString(in, "status\n"); err != nil {
			break
		}
	}
	c.Wait()
	if status := c.ProcessState.ExitCode(); status != 3 {
		t.Errorf("output that was lost: %v", c.ProcessState)
	}
	if out, status := once(t, "log", "--config", m.Path("kiosk.json")); status != 0 || strings.Count(out, "machine-stopped") != 5 {
		t.Errorf("log: status %d, stopped %d times", status, strings.Count(out, "machine-stopped"))
	}
}

// TestWrap: lines have at most so many columns, and a path stays whole.
func TestWrap(t *testing.T) {
	for text, want := range map[string][]string{
		"one two three":          {"one two", "  three"},
		"  indented text":        {"  indented", "  text"},
		"同意 不同意":                 {"同意", "  不同意"},
		"/a/very/long/path here": {"/a/very/long/path", "  here"},
		"":                       {""},
	} {
		if got := wrap(text, 10, "  "); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%q: %q", text, got)
		}
	}
}
