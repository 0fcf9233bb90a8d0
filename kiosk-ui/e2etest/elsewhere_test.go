package e2etest

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"testing"
)

// kioskBuilt tells a test in a process of its own where the kiosk's program is.
const kioskBuilt = "KIOSK_PROGRAM"

// stations are the tests that need a polling station. They wait most of the
// time, each has devices of its own, and a process can have no more than those of
// one: so each runs in a process of its own, all at once.
var stations = []string{"TestDay", "TestCards", "TestPaper", "TestMishaps", "TestPower", "TestTime"}

// running are those that were started, by name.
var running map[string]*elsewhere

type elsewhere struct {
	process *exec.Cmd
	said    bytes.Buffer
	ended   <-chan struct{}
}

// runsElsewhere runs a test in a process of its own, and reports whether this
// process is not that one: then the test is over.
func runsElsewhere(t *testing.T) bool {
	t.Helper()
	if os.Getenv(kioskBuilt) != "" {
		return false
	}
	if running == nil {
		running = map[string]*elsewhere{}
		if flag.Lookup("test.run").Value.String() == "" {
			for _, name := range stations {
				startElsewhere(t, name)
			}
		}
	}
	if running[t.Name()] == nil {
		startElsewhere(t, t.Name())
	}
	e := running[t.Name()]
	<-e.ended
	if !e.process.ProcessState.Success() {
		t.Errorf("%v:\n%s", e.process.ProcessState, e.said.Bytes())
	} else {
		t.Logf("%s", e.said.Bytes())
	}
	return true
}

func startElsewhere(t *testing.T, name string) {
	t.Helper()
	kiosk, err := kioskProgram()
	must(t, err)
	tests, err := testProgram()
	must(t, err)
	e := &elsewhere{process: exec.Command(tests, "-test.run=^"+name+"$", "-test.v", "-test.timeout="+flag.Lookup("test.timeout").Value.String())}
	e.process.Env = append(os.Environ(), kioskBuilt+"="+kiosk)
	e.process.Stdout, e.process.Stderr = &e.said, &e.said
	e.ended, err = child(e.process)
	must(t, err)
	running[name] = e
}
