package paneltest_test

import (
	"bufio"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/hardware/panel"
	"github.com/openreferendum/referendum/hardware/panel/paneltest"
)

// dial connects without the driver, and reads the greeting.
func dial(t *testing.T, socket string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	r := bufio.NewReader(c)
	for line := ""; line != "ready\n"; {
		if line, err = r.ReadString('\n'); err != nil {
			t.Fatalf("reading the greeting: %v", err)
		}
	}
	return c, r
}

func newBench(t *testing.T) (*paneltest.Bench, string) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "bench")
	b, err := paneltest.NewBench(socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, socket
}

// TestConversation is the protocol as it is documented, byte for byte.
func TestConversation(t *testing.T) {
	b, socket := newBench(t)
	b.Set(panel.BoxDoor, true)
	c, r := dial(t, socket)
	for _, turn := range []struct{ say, answer string }{
		{"out green 1", "ok green 1"}, {"out green 1", "ok green 1"}, {"get box-door", "is box-door 1 "}, {"get motion", "is motion 0 "}, {"out green 0", "ok green 0"},
	} {
		fmt.Fprintln(c, turn.say)
		if got, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(got, turn.answer) {
			t.Errorf("%q was answered by %q, %v", turn.say, got, err)
		}
	}
	b.Set(panel.BoxDoor, true) // which it is
	b.Set(panel.BoxDoor, false)
	if got, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(got, "in box-door 0 ") {
		t.Errorf("the change was told as %q, %v", got, err)
	}
}

// TestStrangers: whoever does not keep to the protocol is hung up on, and outputs
// go off.
func TestStrangers(t *testing.T) {
	for _, say := range []string{"hello", "out green 2", "out rear-door 1", "get green", "in rear-door 1 0", "ok green 1", "panel-bench 1", "ready", "", strings.Repeat("x", 10000), "\x00\x01"} {
		t.Run(fmt.Sprintf("%.20q", say), func(t *testing.T) {
			b, socket := newBench(t)
			c, r := dial(t, socket)
			fmt.Fprintln(c, "out red 1")
			if got, err := r.ReadString('\n'); err != nil || got != "ok red 1\n" || !b.Get(panel.Red) {
				t.Fatalf("%q, %v", got, err)
			}
			off := make(chan bool, 1)
			b.OnWrite(func(l panel.Line, on bool) { off <- l == panel.Red && !on })
			fmt.Fprintln(c, say)
			if got, err := r.ReadString('\n'); err == nil {
				t.Errorf("answered by %q", got)
			}
			if !<-off || b.Get(panel.Red) {
				t.Error("the lamp is still lit")
			}
			dial(t, socket) // the next one is served
		})
	}
}

func TestNewBenchWhereOneIs(t *testing.T) {
	_, socket := newBench(t)
	if b, err := paneltest.NewBench(socket); err == nil {
		b.Close()
		t.Error("two benches on one socket")
	}
	if b, err := paneltest.NewBench(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		b.Close()
		t.Error("a bench in no folder")
	}
}

func TestSetKnowsItsInputs(t *testing.T) {
	b, _ := newBench(t)
	defer func() {
		if recover() == nil {
			t.Error("an output was set as an input")
		}
	}()
	b.Set(panel.Green, true)
}
