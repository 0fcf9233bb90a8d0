package voice

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// patience is how long a piece may take beyond what it takes at the slowest.
const patience = 10 * time.Second

// A run is one piece while it is played: the programs that do it.
type run struct {
	programs []*exec.Cmd // none of them is reaped, so that their numbers are still theirs
	late     bool        // it took too long, and was ended
}

// work says one task after the other until Close.
//
// It keeps its thread, which starts all programs: a program dies with the
// thread that started it (prctl(2), PR_SET_PDEATHSIG), not with the process. What
// the thread gives up the programs do not get; it ends with this function.
func (v *Voice) work(ready chan<- error) {
	runtime.LockOSThread()
	defer close(v.done)
	err := confine()
	if ready <- err; err != nil {
		return
	}
	for {
		select {
		case <-v.stop:
			return
		case <-v.wake:
		}
		v.mu.Lock()
		t := v.next
		v.next = nil
		v.mu.Unlock()
		if t != nil {
			v.say(t)
		}
	}
}

// say says a task, and tells when it could not.
func (v *Voice) say(t *task) {
	whole, err := true, error(nil) // whole: to its end, not interrupted
	for _, p := range t.pieces() {
		if whole, err = v.play(t, p); !whole || err != nil {
			break
		}
	}
	if t.said != nil {
		if !whole {
			err = ErrInterrupted
		}
		t.said <- err
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if !whole || err == nil {
		v.mute = v.mute && !whole // what was interrupted has proved nothing
		return
	}
	if v.mute {
		return
	}
	v.mute = true
	select {
	case v.lost <- err:
	default: // the one before was not even read
	}
}

// play plays one piece, and returns when nothing of it runs any more. It reports
// whether the task was wanted to the end; when it was not, there is no error.
func (v *Voice) play(t *task, p piece) (whole bool, err error) {
	if !v.wants(t) {
		return false, nil
	}
	programs, err := v.start(t, p)
	r := &run{programs: programs}
	if v.begin(t, r, err); err == nil {
		timer := time.AfterFunc(v.patience+p.longest(), func() { v.expire(r) })
		defer timer.Stop()
	}
	for _, c := range programs {
		awaitEnd(c.Process.Pid)
	}
	whole = v.finish(t, r)
	end := reap(programs)
	switch {
	case !whole:
		return false, nil
	case r.late:
		err = errors.New("it takes longer than the longest text can")
	case err == nil:
		err = end
	}
	if err != nil {
		return true, fmt.Errorf("speaking: %w", err)
	}
	return true, nil
}

// reap says how programs have ended, of which the speaker is the last: with the
// error of one that has ended by itself, if there is one. A speaker that is not
// listened to any more ends by a signal, and is not the cause.
func reap(programs []*exec.Cmd) error {
	var cause error
	for _, c := range programs {
		err := c.Wait()
		if err != nil && (cause == nil || c.ProcessState.ExitCode() > 0) {
			cause = fmt.Errorf("%s: %w", filepath.Base(c.Path), err)
		}
	}
	return cause
}

func (v *Voice) wants(t *task) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.turn == t.turn
}

// begin lets Say and Hush end the programs. Those that are no longer wanted, or
// of which one could not be started, are ended at once.
func (v *Voice) begin(t *task, r *run, failed error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = r
	if failed != nil || v.turn != t.turn {
		v.kill()
	}
}

// finish ends what the programs have left behind, and reports whether the task
// is still wanted. After it nobody may kill them: they will be reaped.
func (v *Voice) finish(t *task, r *run) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kill()
	v.now = nil
	return v.turn == t.turn
}

// expire ends programs that hang.
func (v *Voice) expire(r *run) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.now == r {
		r.late = true
		v.kill()
	}
}

// kill ends the programs of now, with all that they have started. The caller
// holds mu.
func (v *Voice) kill() {
	if v.now == nil {
		return
	}
	for _, c := range v.now.programs {
		killGroup(c.Process.Pid)
	}
}

// longest is how long a piece takes at the slowest: a character in Chinese
// takes less than half a second.
func (p piece) longest() time.Duration {
	if p.sound != nil {
		return time.Duration(p.sound.seconds()) * time.Second
	}
	return time.Duration(utf8.RuneCountInString(p.text)) * time.Second
}

// start starts the programs for a piece, the player first. It returns those
// that it has started also when it fails.
func (v *Voice) start(t *task, p piece) ([]*exec.Cmd, error) {
	player := command(v.config.Player...)
	if p.sound != nil {
		player.Stdin = bytes.NewReader(p.sound.wav(t.amplitude))
		return startAll(player)
	}
	speaker := command(v.config.Program, "-v", t.voice, "-s", strconv.Itoa(t.speed), "-a", strconv.Itoa(t.amplitude), "-b", "1", "--stdin", "--stdout")
	speaker.Stdin = strings.NewReader(p.text)
	from, to, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe: %w", err)
	}
	defer from.Close() // each program has its own end
	defer to.Close()
	player.Stdin, speaker.Stdout = from, to
	return startAll(player, speaker)
}

// command makes a program ready that gets nothing of ours: no environment, no
// folder, no file but its pipes, and nothing to write its mishaps to, which
// could contain what it was to say.
func command(args ...string) *exec.Cmd {
	c := &exec.Cmd{Path: args[0], Args: args, Env: []string{}, Dir: "/", SysProcAttr: attributes()}
	c.WaitDelay = time.Second // a pipe that somebody else holds open does not hold us
	return c
}

func startAll(programs ...*exec.Cmd) ([]*exec.Cmd, error) {
	for i, c := range programs {
		if err := c.Start(); err != nil {
			return programs[:i], fmt.Errorf("starting %s: %w", filepath.Base(c.Path), err)
		}
	}
	return programs, nil
}
