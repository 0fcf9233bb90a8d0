package machine

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openreferendum/referendum/internal/database"
	"github.com/openreferendum/referendum/station"
	"github.com/openreferendum/referendum/station/slip"
)

// programFolder says, in the environment, that this process is a station that
// will be killed, and where its disks are.
const programFolder = "STATION_PROGRAM_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(programFolder); dir != "" {
		if err := program(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program plays a whole day in a process of its own: it starts, goes on where
// the last one ended, lets everybody vote who has not, closes and exports. The
// paper is with its parent, at the other end of two pipes, and stays.
func program(dir string) error {
	r := newTrial(diskIn(dir), mediaIn(dir))
	far := &farPaper{bufio.NewReader(os.Stdin)}
	r.seed = fmt.Sprint("process ", os.Getpid(), time.Now().UnixNano()) // never the same chance twice
	var err error
	if r.db, err = database.Open(r.disk); err != nil {
		return err
	}
	c := r.config()
	c.Printer, c.Window = far, far
	if r.Machine, err = New(c); err != nil {
		return err
	}
	switch r.State().At {
	case station.Unopened:
		err = r.OpenPolls(1)
	case station.Suspended:
		err = r.Resume(1)
	}
	if err != nil {
		return err
	}
	for i := 0; i < electors && r.State().At == station.Idle; i++ {
		if r.Insert(r.world.Cards[i]).At == station.Choosing {
			r.again(1+i, 0)
			if i%2 == 0 {
				r.Handle(station.ChallengeChosen{})
				r.again(1+i, 1)
			}
			r.Handle(station.CastChosen{})
		}
		r.Remove()
	}
	if r.State().At == station.Idle {
		r.close()
	}
	if r.State().At != station.Closed {
		return fmt.Errorf("the day ended at %+v: %w", r.State(), r.Problem())
	}
	return errors.Join(r.Export(r.media[0], r.media[1]), r.db.Close())
}

func diskIn(dir string) database.Config {
	return database.Config{Main: filepath.Join(dir, "one", "main.db"), Mirror: filepath.Join(dir, "two", "mirror.db")}
}

func mediaIn(dir string) [2]string {
	return [2]string{filepath.Join(dir, "one", "medium"), filepath.Join(dir, "two", "medium")}
}

// farPaper sends every movement of paper to the parent and waits until it is
// done.
type farPaper struct{ answers *bufio.Reader }

func (p *farPaper) ask(question string) error {
	if _, err := fmt.Println(question); err != nil {
		return err
	}
	answer, err := p.answers.ReadString('\n')
	if err == nil && answer != "done\n" {
		err = errors.New(strings.TrimSpace(answer))
	}
	return err
}

func (p *farPaper) Print(page slip.Page) error {
	b, err := page.Encode()
	if err != nil {
		return err
	}
	return p.ask("print " + strings.TrimSpace(string(b)))
}

func (p *farPaper) Drop() error { return p.ask("drop") }
func (p *farPaper) Void() error { return p.ask("void") }

// live starts the program and moves its paper. It kills the program a while
// after it asked for the last-th movement; a day has fewer than never. It reports
// whether the program came to its end.
func (r *trial) live(t *testing.T, dir string, last int, while time.Duration) (ended bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programFolder+"="+dir)
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReaderSize(out, 1<<20)
	for asked := 1; ; asked++ {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // half a line was asked by a process that is dead
		}
		if asked == last {
			timer := time.AfterFunc(while, func() { cmd.Process.Kill() })
			defer timer.Stop()
		}
		answer := "done"
		if err := r.movePaper(strings.TrimSuffix(line, "\n")); err != nil {
			answer = err.Error()
		}
		if _, err := io.WriteString(in, answer+"\n"); err != nil {
			break
		}
	}
	err := cmd.Wait()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.Exited() {
		t.Fatalf("the program failed: %s", complaint.String())
	}
	return err == nil
}

func (r *trial) movePaper(question string) error {
	switch what, page, _ := strings.Cut(question, " "); what {
	case "drop":
		return r.paper.Drop()
	case "void":
		return r.paper.Void()
	default:
		p, err := slip.Parse([]byte(page + "\n"))
		if err != nil {
			return err
		}
		return r.paper.Print(p)
	}
}

// TestKilledProcess kills a real process with SIGKILL at random moments of the
// day, again and again, until one comes to the end of the day.
func TestKilledProcess(t *testing.T) { killProcesses(t, 24) }

func TestSoakKilledProcess(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	killProcesses(t, 1000)
}

// never is more movements of paper than a day has.
const never = 1000

func killProcesses(t *testing.T, kills int) {
	dice := rand.New(rand.NewPCG(uint64(kills), 0))
	for killed := 0; killed < kills; {
		r, dir := abroad(t)
		for !r.live(t, dir, 1+dice.IntN(12), time.Duration(dice.Int64N(int64(8*time.Millisecond)))) {
			r.deaths++
		}
		for i := range electors {
			r.chose[i] = []int{1 + i, 1 - i%2}
		}
		r.survived(t)
		killed += r.deaths
	}
	r, dir := abroad(t)
	if !r.live(t, dir, never, 0) {
		t.Error("a day without a kill did not come to its end")
	}
}

// abroad is a station that runs in processes of its own, on disks in a folder.
func abroad(t *testing.T) (r *trial, dir string) {
	t.Helper()
	r = onFiles(t, unopened)
	r.drop()
	r.paper.Hook = nil
	return r, filepath.Dir(filepath.Dir(r.disk.Main))
}
