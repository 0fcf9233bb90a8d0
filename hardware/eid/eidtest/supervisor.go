package eidtest

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

//go:embed daemon.sh
var script string

// A supervisor is the shell that runs the daemon in namespaces of its own.
type supervisor struct {
	process *exec.Cmd
	words   io.WriteCloser
	lines   *bufio.Reader
	errors  strings.Builder
}

// supervise starts the shell. Root makes the namespaces as it is; anybody else
// is root of a user namespace.
func supervise(arguments ...string) (*supervisor, error) {
	s := &supervisor{process: exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, arguments...)...)}
	s.process.Stderr = &s.errors
	s.process.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setpgid:    true, // an interrupt from the keyboard is for the caller
	}
	if os.Geteuid() != 0 {
		s.process.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		s.process.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		s.process.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	var err error
	if s.words, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	lines, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.lines = bufio.NewReader(lines)
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("making namespaces (root, or user namespaces, are needed): %w", err)
	}
	if err := s.expect("ready"); err != nil {
		s.end()
		return nil, fmt.Errorf("mounting the daemon's folders: %w: %s", err, strings.TrimSpace(s.errors.String()))
	}
	return s, nil
}

// say has the supervisor do something and waits until it is done.
func (s *supervisor) say(word, answer string) error {
	if _, err := fmt.Fprintln(s.words, word); err != nil {
		return fmt.Errorf("telling the daemon's supervisor to %s: %w", word, err)
	}
	if err := s.expect(answer); err != nil {
		return fmt.Errorf("telling the daemon's supervisor to %s: %w", word, err)
	}
	return nil
}

func (s *supervisor) expect(answer string) error {
	line, err := s.lines.ReadString('\n')
	if err != nil {
		return err
	}
	if got := strings.TrimSpace(line); got != answer {
		return fmt.Errorf("it answered %q instead of %q", got, answer)
	}
	return nil
}

// end closes the supervisor's input and waits. With the first process of
// their namespace all others are killed.
func (s *supervisor) end() {
	s.words.Close()
	_ = s.process.Wait() // its status says only how the last command went
}
