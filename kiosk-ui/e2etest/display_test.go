package e2etest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// child starts a program that does not outlive the test, however that ends. The
// channel is closed when the program has ended. Pdeathsig is of the thread that
// started it, which is therefore kept until then.
func child(c *exec.Cmd) (<-chan struct{}, error) {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(ended)
		err := c.Start()
		started <- err
		if err == nil {
			_ = c.Wait() // its status is asked for where it says something
		}
	}()
	return ended, <-started
}

// A display is an X server without a screen, which nobody but this test uses.
// Its framebuffer is a file in the form of xwd, so that looking at it costs no
// more than reading a file.
type display struct {
	name   string // such as ":3"
	width  int
	height int

	framebuffer string
	*fingers    // nil: nobody touches it
}

// newDisplay starts a display. It ends with the test.
func newDisplay(t testing.TB, width, height int) *display {
	t.Helper()
	if _, err := exec.LookPath("Xvfb"); err != nil {
		t.Fatalf("the Debian package xvfb is missing: %v", err)
	}
	dir := t.TempDir()
	r, w, err := os.Pipe()
	must(t, err)
	defer r.Close()
	c := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-nolisten", "tcp", "-fbdir", dir)
	c.ExtraFiles = []*os.File{w}
	said := new(transcript) // of numbers that were taken, too
	c.Stderr = said
	ended, err := child(c)
	w.Close()
	must(t, err)
	t.Cleanup(func() { _ = c.Process.Kill(); <-ended })
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v:\n%s", err, said)
	}
	number = strings.TrimSpace(number)
	hands, err := newFingers(number)
	must(t, err)
	t.Cleanup(func() { _ = hands.conn.Close() })
	return &display{name: ":" + number, width: width, height: height, framebuffer: filepath.Join(dir, "Xvfb_screen0"), fingers: hands}
}

// environment adds the display to an environment.
func (d *display) environment(env []string) []string { return append(env, "DISPLAY="+d.name) }

// look is what the screen shows now.
func (d *display) look() (*image.RGBA, error) {
	b, err := os.ReadFile(d.framebuffer)
	if err != nil {
		return nil, fmt.Errorf("looking at the screen: %w", err)
	}
	return parseXWD(b)
}

// parseXWD decodes a picture in the form of xwd (X11/XWDFile.h), version 7, of
// the one kind that Xvfb makes: 32 bits a pixel, blue first.
func parseXWD(b []byte) (*image.RGBA, error) {
	const fields = 25
	if len(b) < 4*fields {
		return nil, errors.New("a picture without its header")
	}
	field := func(i int) int { return int(binary.BigEndian.Uint32(b[4*i:])) }
	header, width, height, bits, line, red, colours := field(0), field(4), field(5), field(11), field(12), field(14), field(19)
	if field(1) != 7 || bits != 32 || red != 0xff0000 || width > 1<<14 || height > 1<<14 || line < 4*width {
		return nil, errors.New("a picture of another kind")
	}
	b = b[min(len(b), header+12*colours):]
	if len(b) < height*line {
		return nil, errors.New("half a picture")
	}
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		from, to := b[y*line:y*line+4*width], m.Pix[y*m.Stride:y*m.Stride+4*width]
		for i := 0; i < len(to); i += 4 {
			to[i], to[i+1], to[i+2], to[i+3] = from[i+2], from[i+1], from[i], 0xff
		}
	}
	return m, nil
}
