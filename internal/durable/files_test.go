package durable_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/internal/durable"
	"github.com/openreferendum/referendum/internal/durable/durabletest"
)

var content = bytes.Repeat([]byte("content "), 1000)

var folder = map[string]durable.Source{
	"a": durable.Content(content), "b": durable.Content([]byte("b")), "empty": durable.Content(nil),
}

// writers write something whole under one name.
var writers = map[string]func(path string) error{
	"file":   func(path string) error { return durable.WriteFile(path, content, 0o640) },
	"folder": func(path string) error { return durable.WriteFolder(path, folder, 0o644) },
}

// whole fails unless the path holds exactly what its writer writes.
func whole(t *testing.T, kind, path string) {
	t.Helper()
	if kind == "file" {
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("half a file: %d bytes, %v", len(got), err)
		}
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil || len(entries) != len(folder) {
		t.Errorf("half a folder: %v, %v", entries, err)
	}
	for name, source := range folder {
		var want bytes.Buffer
		if err := source(&want); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(path, name))
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || !info.ModTime().Equal(durable.Epoch) {
			t.Errorf("%s tells when it was written: %v, %v", name, info.ModTime(), err)
		}
	}
}

func TestWritingNeverReplaces(t *testing.T) {
	for kind, write := range writers {
		for name, there := range map[string]func(path string) error{
			"a file":           func(path string) error { return os.WriteFile(path, []byte("kept"), 0o600) },
			"a folder":         func(path string) error { return os.Mkdir(path, 0o700) },
			"a link to none":   func(path string) error { return os.Symlink("/none", path) },
			"the same already": write,
		} {
			path := filepath.Join(t.TempDir(), "x")
			if err := there(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			err = write(path)
			if !errors.Is(err, fs.ErrExist) {
				t.Errorf("a %s over %s: %v", kind, name, err)
			}
			fails(t, err, "writing "+path+": ", "there already")
			after, err := os.Lstat(path)
			if err != nil || !os.SameFile(before, after) || before.Mode() != after.Mode() {
				t.Errorf("a %s replaced %s: %v", kind, name, err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".writing-*")); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
	}
}

func TestWritingFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "x")
	for kind, write := range writers {
		if err := write(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a %s in no folder: %v", kind, err)
		}
	}
	path = filepath.Join(t.TempDir(), "x")
	err := durable.WriteFolder(path, map[string]durable.Source{"a": func(w io.Writer) error {
		_, err := w.Write(content)
		return errors.Join(err, errors.New("on purpose"))
	}}, 0o644)
	fails(t, err, "writing "+filepath.Join(path, "a")+": on purpose")
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWritten(t *testing.T) {
	for kind, write := range writers {
		path := filepath.Join(t.TempDir(), "x")
		if err := write(path); err != nil {
			t.Fatal(err)
		}
		whole(t, kind, path)
		info, err := os.Stat(path)
		if err != nil || (kind == "file") != (info.Mode() == 0o640) {
			t.Errorf("a %s has the mode %v, %v", kind, info.Mode(), err)
		}
	}
}

func TestReadFileIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := durable.ReadFile(path, int64(len(content))); err != nil || !bytes.Equal(b, content) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	_, err := durable.ReadFile(path, int64(len(content))-1)
	fails(t, err, "reading "+path+": larger than 7999 bytes")
	if _, err := durable.ReadFile(path+"2", 9); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

// TestPutFile: what is there is compared, and stays.
func TestPutFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, there := range map[string][]byte{"same": content, "other": content[1:], "longer": append(bytes.Clone(content), 0), "empty": nil} {
		if err := os.WriteFile(at(name), there, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink(at("same"), at("link")), syscall.Mkfifo(at("pipe"), 0o600), os.Mkdir(at("folder"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"other", "longer", "empty", "link", "pipe", "folder"} {
		err := durable.PutFile(at(name), content, 0o600)
		fails(t, err, "writing "+at(name)+": there already: file already exists")
		if !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: no fs.ErrExist: %v", name, err)
		}
	}
	for _, name := range []string{"same", "new", "new"} {
		if err := durable.PutFile(at(name), content, 0o600); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if b, err := os.ReadFile(at(name)); err != nil || !bytes.Equal(b, content) {
			t.Errorf("%s holds %d bytes, %v", name, len(b), err)
		}
	}
	if b, err := os.ReadFile(at("longer")); err != nil || len(b) != len(content)+1 {
		t.Errorf("what was there did not stay: %d bytes, %v", len(b), err)
	}
}

// TestReadFileDoesNotWait: to open a pipe would wait for its other end.
func TestReadFileDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink(pipe, link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, link, dir, os.DevNull} {
		_, err := durable.ReadFile(path, 9)
		fails(t, err, "reading "+path+": not a regular file")
		if !errors.Is(err, durable.ErrNotRegular) {
			t.Errorf("%s: no ErrNotRegular: %v", path, err)
		}
	}
}

// TestWritingMeetsFaults cuts the power, kills and fails at every operation of
// writing. Under the final name is all or nothing, and all if it was reported;
// what is left beside it does no harm to the next try.
func TestWritingMeetsFaults(t *testing.T) { writeSweep(t, 2) }

// TestSoakWritingMeetsFaults is TestWritingMeetsFaults with many throws of the
// dice.
func TestSoakWritingMeetsFaults(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	writeSweep(t, 100)
}

func writeSweep(t *testing.T, seeds uint64) {
	m := durabletest.Boot(t, 1)
	before := m.Image()
	path := filepath.Join(m.Disk(0).Path(), "x")
	for kind, write := range writers {
		for name, fault := range map[string]durabletest.Fault{
			"power cut": durabletest.PowerCut(), "torn": durabletest.Torn(), "kill": durabletest.Kill(),
			"error": durabletest.Once(syscall.EIO), "full": durabletest.Full(),
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				for seed := range seeds {
					for n := 1; !t.Failed(); n++ {
						m.Restore(before, seed<<32+uint64(n))
						m.Arm(n, fault)
						told := write(path)
						struck := m.Struck() != nil
						m.CutPower()
						m.Reboot()
						found(t, kind, path, told)
						if !struck {
							break
						}
					}
				}
			})
		}
	}
}

// found looks at what a mishap left, and writes again.
func found(t *testing.T, kind, path string, told error) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	there := false
	for _, e := range entries {
		switch {
		case e.Name() == filepath.Base(path):
			there = true
			whole(t, kind, path)
		case !strings.HasPrefix(e.Name(), ".writing-"):
			t.Errorf("a strange file %s", e.Name())
		}
	}
	if told == nil && !there {
		t.Error("reported and lost")
	}
	if err := writers[kind](path); there != errors.Is(err, fs.ErrExist) || !there && err != nil {
		t.Errorf("the next try, with %v there: %v", there, err)
	}
}

// fails reports whether err says all of says.
func fails(t testing.TB, err error, says ...string) {
	t.Helper()
	for _, s := range says {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("error %q does not say %q", err, s)
		}
	}
}
