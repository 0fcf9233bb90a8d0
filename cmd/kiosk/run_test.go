package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
	"github.com/openreferendum/referendum/internal/kiosk/kiosktest"
	"github.com/openreferendum/referendum/record"
)

// asKiosk, in the environment, makes the test's program the kiosk.
const asKiosk = "BE_THE_KIOSK"

func TestMain(m *testing.M) {
	if os.Getenv(asKiosk) != "" {
		main()
		return
	}
	// Fyne, which the program contains, says on standard error of a locale that is
	// none of a language, such as C, that it is none.
	if err := os.Setenv("LC_ALL", "en_US.UTF-8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// kioskProcess is the kiosk with the given arguments, as a process of its own.
func kioskProcess(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), asKiosk+"=1")
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return c
}

// once runs the kiosk until it ends, and returns what it printed and its
// status.
func once(t *testing.T, args ...string) (string, int) {
	t.Helper()
	c := kioskProcess(t, args...)
	out, err := c.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return string(out), c.ProcessState.ExitCode()
}

// A desk is a kiosk that runs at its console.
type desk struct {
	t     *testing.T
	c     *exec.Cmd
	in    io.WriteCloser
	lines chan string
	all   []string
}

// run starts the console.
func run(t *testing.T, m *kiosktest.Machine) *desk {
	t.Helper()
	c := kioskProcess(t, "run", "--console", "--config", m.Path("kiosk.json"), "--passphrase-file", m.Path("passphrase"))
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = w, w
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	k := &desk{t: t, c: c, in: in, lines: make(chan string, 1000)}
	go func() {
		defer close(k.lines)
		s := bufio.NewScanner(r)
		for s.Scan() {
			k.lines <- s.Text()
		}
		r.Close()
	}()
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return k
}

func (k *desk) say(format string, args ...any) {
	k.t.Helper()
	if _, err := fmt.Fprintf(k.in, format+"\n", args...); err != nil {
		k.t.Fatal(err)
	}
}

// sees reads on until a line matches.
func (k *desk) sees(pattern string) string {
	k.t.Helper()
	want := regexp.MustCompile(pattern)
	late := time.After(90 * time.Second)
	for {
		select {
		case line, more := <-k.lines:
			if !more {
				k.t.Fatalf("the kiosk ended, and never said %q:\n%s", pattern, strings.Join(k.all, "\n"))
			}
			k.all = append(k.all, line)
			if want.MatchString(line) {
				return line
			}
		case <-late:
			k.t.Fatalf("the kiosk never said %q:\n%s", pattern, strings.Join(k.all, "\n"))
		}
	}
}

// ends waits until the kiosk has ended, and returns its status.
func (k *desk) ends() int {
	k.t.Helper()
	for line := range k.lines {
		k.all = append(k.all, line)
	}
	k.c.Wait()
	return k.c.ProcessState.ExitCode()
}

// act lets poll workers come until the kiosk says that it is done.
func (k *desk) act(m *kiosktest.Machine, word string, officials ...int) {
	k.t.Helper()
	k.say("%s", word)
	k.sees(`a poll worker inserts a card`)
	for i, n := range officials {
		k.insert(m, m.Officials[n])
		k.sees(`type the PIN`)
		k.say("%s", eidtest.DefaultPIN)
		k.sees(map[bool]string{false: `has signed`, true: `done: `}[i == len(officials)-1])
		must(k.t, m.Booth.Cards.Remove())
	}
}

func (k *desk) insert(m *kiosktest.Machine, card *eidtest.Card) {
	k.t.Helper()
	must(k.t, m.Booth.Cards.Insert(card))
}

// toQuestions takes a voter to the questions.
func (k *desk) toQuestions(m *kiosktest.Machine, i int) {
	k.t.Helper()
	k.insert(m, m.Voter(i))
	k.sees(`type the PIN`)
	k.say("%s", eidtest.DefaultPIN)
	k.sees(`\[Choosing\]`)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// provisioned is a machine that was set up with the program itself.
func provisioned(t *testing.T, kind string, voters int) *kiosktest.Machine {
	t.Helper()
	m := kiosktest.New(t, kind, voters)
	out, status := once(t, "provision", "--config", m.Path("kiosk.json"), "--key", m.Path("station.age"), "--passphrase-file", m.Path("passphrase"))
	if status != 0 {
		t.Fatalf("provision: status %d:\n%s", status, out)
	}
	return m
}

// TestDayAtTheConsole is a small day, from provisioning to the log: every line
// is marked as a test deck's, and no PIN is shown.
func TestDayAtTheConsole(t *testing.T) {
	m := provisioned(t, record.TestDeck, 5)
	common := []string{"--config", m.Path("kiosk.json")}
	keyed := append(common, "--passphrase-file", m.Path("passphrase"))
	out, status := once(t, append([]string{"selftest"}, keyed...)...)
	// The clock is not that of the day of the vote.
	if status != 1 || strings.Count(out, "NOT READY") != 1 || !strings.Contains(out, "NOT READY  clock") {
		t.Errorf("selftest: status %d:\n%s", status, out)
	}
	media := []string{t.TempDir(), t.TempDir()}
	for i, dir := range media {
		if out, status := once(t, append([]string{"medium", "--number", fmt.Sprint(i + 1), dir}, common...)...); status != 0 {
			t.Fatalf("medium: status %d:\n%s", status, out)
		}
	}

	k := run(t, m)
	k.sees(`\[Unopened\] the polls are not open`)
	k.act(m, "open", 0, 2)
	k.toQuestions(m, 1)
	k.say("choose 1")
	k.sees(`not done: `)
	k.say("choose 1 2")
	k.sees(`\[Deciding\] read the slip`)
	k.say("challenge")
	k.sees(`\[Choosing\]`)
	k.say("choose 3 0")
	k.sees(`\[Deciding\]`)
	k.say("cast")
	k.sees(`\[Leaving\] cast`)
	must(t, m.Booth.Cards.Remove())
	k.sees(`\[Idle\]`)
	k.insert(m, m.Voter(1))
	k.sees(`type the PIN`)
	k.say("%s", eidtest.DefaultPIN)
	k.sees(`\[Refused\] the holder of this card has voted`)
	must(t, m.Booth.Cards.Remove())
	k.sees(`\[Idle\]`)
	k.say("counts")
	k.sees(`the counts are shown before the polls open`)
	k.say("media")
	k.sees(`no removable medium is plugged in|/dev/`)
	k.say("suspend")
	k.sees(`\[Suspended\]`)
	k.say("counts")
	k.sees(`registered 5, attended 1, sessions 1`)
	k.sees(`cast 1, challenged 1; sessions abandoned 0`)
	k.sees(`printed 2, voided 1`)
	k.act(m, "close", 1, 2)
	k.say("export 1 %s", media[1])
	k.insert(m, m.Officials[0])
	k.sees(`type the PIN`)
	k.say("%s", eidtest.DefaultPIN)
	k.sees(`labelled for another number`)
	must(t, m.Booth.Cards.Remove())
	for i, dir := range media {
		k.act(m, fmt.Sprintf("export %d %s", i+1, dir), 0)
	}
	k.say("status")
	k.sees(`on both media, which are safe to remove`)
	k.say("quit")
	if status := k.ends(); status != 0 {
		t.Errorf("run ended with %d:\n%s", status, strings.Join(k.all, "\n"))
	}
	for _, line := range k.all {
		if !strings.HasPrefix(line, "TEST DECK: ") || strings.Contains(line, eidtest.DefaultPIN) || cells(line) > columns {
			t.Errorf("printed: %q", line)
		}
	}

	out, status = once(t, append([]string{"log"}, common...)...)
	for want, times := range map[string]int{"polls-opened": 1, "polls-closed": 1, "medium-refused": 1, "medium-verified": 2, "official-identified": 7, "machine-stopped": 1} {
		if n := strings.Count(out, want); status != 0 || n != times {
			t.Errorf("log: status %d, %d lines %q instead of %d:\n%s", status, n, want, times, out)
		}
	}
	if out, status := once(t, append([]string{"log", "--language", "zh-Hant"}, common...)...); status != 0 || !strings.Contains(out, "[選務人員：1]\n          開始投票。\n") {
		t.Errorf("log in Chinese: status %d:\n%s", status, out)
	}
	if out, status := once(t, append([]string{"log", "--catalogue"}, common...)...); status != 0 || !strings.Contains(out, "EventLogging.ElectionEventLogDocumentation") {
		t.Errorf("log --catalogue: status %d:\n%s", status, out)
	}
	logs, err := filepath.Glob(filepath.Join(media[1], "*-log-*"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("exported logs: %q, %v", logs, err)
	}
	if out, status := once(t, append([]string{"log", "--json", "--exported", logs[0]}, common...)...); status != 0 || !strings.Contains(out, "EventLogging.ElectionEventLog") {
		t.Errorf("log --json: status %d:\n%s", status, out)
	}
	must(t, os.Truncate(filepath.Join(logs[0], "station.log"), 1000))
	if out, status := once(t, append([]string{"log", "--exported", logs[0]}, common...)...); status != 1 {
		t.Errorf("a log cut short: status %d:\n%s", status, out)
	}
}

// TestKilled kills the program at a row of a slip, of a receipt, while the slip
// waits, and while it drops, and starts it again: as many slips are in the box
// as ballots are cast, and every voter can vote, once.
func TestKilled(t *testing.T) {
	m := provisioned(t, record.TestDeck, 9)
	k := run(t, m)
	k.act(m, "open", 0, 1)
	kill := func() { k.c.Process.Kill() }
	for i, moment := range []struct {
		name string
		set  func()
		cast bool
	}{
		{"in the middle of the slip", func() { m.Booth.Slips.At(300, kill) }, false},
		{"in the middle of the receipt", func() { m.Booth.Receipts.At(300, kill) }, false},
		{"while the slip drops", func() { m.Booth.Slips.At(1200, kill) }, true},
	} {
		k.toQuestions(m, i+1)
		if !moment.cast {
			moment.set()
		}
		k.say("choose 1 2")
		if moment.cast {
			k.sees(`\[Deciding\]`)
			kill()
		}
		k.ends()
		must(t, m.Booth.Cards.Remove())

		k = run(t, m)
		k.sees(`\[Suspended\]`)
		k.act(m, "resume", 0, 1)
		k.toQuestions(m, i+1)
		k.say("choose 2 1")
		k.sees(`\[Deciding\]`)
		k.say("cast")
		k.sees(`\[Leaving\]`)
		must(t, m.Booth.Cards.Remove())
		k.sees(`\[Idle\]`)
		if box, spoiled := len(m.Booth.Box()), len(m.Booth.Spoiled()); box != i+1 || spoiled < i+1 {
			t.Errorf("%s: %d slips in the box, %d spoiled", moment.name, box, spoiled)
		}
	}
	k.say("suspend")
	k.sees(`\[Suspended\]`)
	k.say("counts")
	k.sees(`attended 3, sessions 6`)
	k.sees(`cast 3, challenged 0; sessions abandoned 3`)
	k.sees(`printed 6, voided 3`)
	k.say("quit")
	if status := k.ends(); status != 0 {
		t.Errorf("status %d", status)
	}
}
