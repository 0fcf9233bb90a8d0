package eidtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A real reader tells the daemon at once that a card came or went. vpcd cannot,
// and pcscd looks only each 400 ms; the time is compiled in. But a signal that it
// handles ends the sleep between two looks: SIGUSR1, which asks it to read its configuration
// again (the readers in it are there already, so this changes nothing).

// Hurry says whether insertion and removal are made known to the daemon at once (as it is when nothing was said), or
// only when it looks by itself.
func (s *Stack) Hurry(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unhurried = !on
}

// A wake-up that meets the daemon in the middle of a look is lost, so it is repeated.
const (
	wakeAgain = 20 * time.Millisecond
	wakeUps   = 25
)

// wake ends the daemon's sleep, again and again until the channel is closed. It is only
// haste: where it fails, the daemon looks by itself.
func (s *supervisor) wake(done <-chan struct{}) {
	again := time.NewTicker(wakeAgain)
	defer again.Stop()
	for range wakeUps {
		if pid := s.daemon(); pid != 0 && handles(pid, unix.SIGUSR1) {
			wakeThreads(pid)
		}
		select {
		case <-done:
			return
		case <-again.C:
		}
	}
}

// daemon is the daemon's process; 0: it does not run, or cannot be found.
func (s *supervisor) daemon() int {
	shell := s.process.Process.Pid
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", shell, shell))
	if err != nil {
		return 0
	}
	for _, child := range strings.Fields(string(children)) {
		name, err := os.ReadFile("/proc/" + child + "/comm")
		if err != nil || strings.TrimSpace(string(name)) != filepath.Base(daemonProgram) {
			continue
		}
		if pid, err := strconv.Atoi(child); err == nil {
			return pid
		}
	}
	return 0
}

// handles reports whether a process has a handler for the signal. A daemon that is starting
// has none yet, and the signal would end it.
func handles(pid int, signal unix.Signal) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	_, caught, _ := strings.Cut(string(status), "\nSigCgt:")
	caught, _, _ = strings.Cut(caught, "\n")
	mask, err := strconv.ParseUint(strings.TrimSpace(caught), 16, 64)
	return err == nil && mask&(1<<(signal-1)) != 0
}

// wakeThreads ends the sleep of those threads of a process that sleep. Others are left
// alone: they could be reading.
func wakeThreads(pid int) {
	tasks := fmt.Sprintf("/proc/%d/task/", pid)
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return
	}
	for _, thread := range threads {
		call, err := os.ReadFile(tasks + thread.Name() + "/syscall")
		if err != nil {
			continue
		}
		number, _, _ := strings.Cut(string(call), " ")
		if number != strconv.Itoa(unix.SYS_CLOCK_NANOSLEEP) && number != strconv.Itoa(unix.SYS_NANOSLEEP) {
			continue
		}
		if id, err := strconv.Atoi(thread.Name()); err == nil {
			_ = unix.Tgkill(pid, id, unix.SIGUSR1)
		}
	}
}
