package eidtest_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ebfe/scard"

	"github.com/openreferendum/referendum/hardware/eid/eidtest"
)

// deadline is when a test gives up waiting for something that has to come.
const deadline = 30 * time.Second

// connect opens the card as a client of PC/SC does.
func connect(t testing.TB, s *eidtest.Stack) *scard.Card {
	t.Helper()
	context, err := scard.EstablishContext()
	if err != nil {
		t.Fatalf("libpcsclite does not find the daemon: %v", err)
	}
	t.Cleanup(func() { _ = context.Release() }) // fails where a test has killed the daemon
	await(t, context, s, scard.StatePresent)
	card, err := context.Connect(s.ReaderName(), scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	t.Cleanup(func() { _ = card.Disconnect(scard.LeaveCard) })
	return card
}

// await waits until the reader is in a state.
func await(t testing.TB, context *scard.Context, s *eidtest.Stack, state scard.StateFlag) {
	t.Helper()
	states := []scard.ReaderState{{Reader: s.ReaderName()}}
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		if err := context.GetStatusChange(states, deadline); err != nil {
			t.Fatalf("waiting for the reader's state %#x: %v", state, err)
		}
		if states[0].EventState&state != 0 {
			return
		}
		states[0].CurrentState = states[0].EventState
	}
	t.Fatalf("waiting for the reader's state %#x", state)
}

func TestTransmitThroughTheStack(t *testing.T) {
	s := eidtest.StartStack(t)
	if err := s.Insert(newCard(t, eidtest.PINOnce)); err != nil {
		t.Fatal(err)
	}
	card := connect(t, s)
	got, err := card.Transmit(selectPIV)
	if err != nil || len(got) < 2 || got[0] != 0x61 || string(got[len(got)-2:]) != "\x90\x00" {
		t.Errorf("SELECT: %x, %v", got, err)
	}
}

func TestOneCardAtATime(t *testing.T) {
	s := eidtest.StartStack(t)
	first, second := newCard(t, eidtest.PINOnce), newCard(t, eidtest.PINOnce)
	if err := s.Insert(first); err != nil {
		t.Fatal(err)
	}
	if err := s.Insert(second); err == nil || !strings.Contains(err.Error(), "there is one in the reader") {
		t.Errorf("inserting a second card: %v", err)
	}
	if err := s.Remove(); err != nil {
		t.Error(err)
	}
	if err := s.Insert(second); err != nil {
		t.Error(err)
	}
}

// TestSwapIsSeen: a card that is put in right after another was pulled out in the middle of a
// command is another card to PC/SC as well: the old handle does not reach it.
func TestSwapIsSeen(t *testing.T) {
	s := eidtest.StartStack(t)
	first, second := newCard(t, eidtest.PINOnce), newCard(t, eidtest.PINOnce)
	if err := s.Insert(first); err != nil {
		t.Fatal(err)
	}
	card := connect(t, s)
	first.Hook(func([]byte) ([]byte, bool) { return nil, s.Remove() == nil })
	if got, err := card.Transmit(selectPIV); err == nil {
		t.Fatalf("a card that was pulled out answered %x", got)
	}
	if err := s.Insert(second); err != nil {
		t.Fatal(err)
	}
	if got, err := card.Transmit(selectPIV); err == nil {
		t.Errorf("the first card's handle reached the second: %x", got)
	}
}

func TestDaemonComesBack(t *testing.T) {
	s := eidtest.StartStack(t)
	for round := range 3 {
		if err := s.Insert(newCard(t, eidtest.PINOnce)); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		card := connect(t, s)
		if err := s.KillDaemon(); err != nil {
			t.Fatal(err)
		}
		if got, err := card.Transmit(selectPIV); err == nil {
			t.Fatalf("a dead daemon answered %x", got)
		}
		if _, err := scard.EstablishContext(); err == nil {
			t.Fatal("a dead daemon gave a context")
		}
		if err := s.RestartDaemon(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStacksOneAfterTheOther(t *testing.T) {
	for round := range 3 {
		s, err := eidtest.NewStack(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := eidtest.NewStack(t.TempDir()); err == nil || !strings.Contains(err.Error(), "runs a stack already") {
			t.Errorf("a second stack beside the first: %v", err)
		}
		if err := s.Insert(newCard(t, eidtest.PINOnce)); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		connect(t, s)
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if err := s.Stop(); err != nil {
			t.Errorf("stopping twice: %v", err)
		}
		if err := s.Insert(newCard(t, eidtest.PINOnce)); err == nil {
			t.Error("a stack that was stopped took a card")
		}
	}
}

// TestMain lets TestNothingOutlivesUs run this program as one that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("EIDTEST_TO_BE_KILLED"); dir != "" {
		s, err := eidtest.NewStack(dir)
		fmt.Println(err == nil, s.Socket())
		select {}
	}
	os.Exit(m.Run())
}

func TestNothingOutlivesUs(t *testing.T) {
	dir := t.TempDir()
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), "EIDTEST_TO_BE_KILLED="+dir)
	victim.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "true ") {
		t.Fatalf("the program to be killed says %q, %v", line, err)
	}
	if n := processesNaming(t, dir); n == 0 {
		t.Fatal("no process of the stack found: the test would not see what is left over")
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	link := filepath.Dir(strings.TrimSpace(strings.TrimPrefix(line, "true ")))
	for end := time.Now().Add(deadline); ; time.Sleep(5 * time.Millisecond) {
		n, _ := os.Lstat(link)
		if processesNaming(t, dir) == 0 && n == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d processes of the stack outlived it; its link: %v", processesNaming(t, dir), n)
		}
	}
}

// processesNaming counts the processes whose command line holds the text.
func processesNaming(t *testing.T, text string) int {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(files) == 0 {
		t.Fatalf("listing processes: %v", err)
	}
	n := 0
	for _, f := range files {
		b, _ := os.ReadFile(f) // a process that has ended in the meantime has none
		if strings.Contains(string(b), text) {
			n++
		}
	}
	return n
}
