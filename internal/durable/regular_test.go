package durable

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/fstest"
)

func TestRegularFilesRefusesLinksPipesAndDevices(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write := func(path string) {
		t.Helper()
		if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "secret"))
	must(os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "link")))
	must(os.Symlink(outside, filepath.Join(dir, "folder")))
	must(syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))

	fsys := RegularFiles(dir)
	for name, want := range map[string]string{
		"link":          "open link: not a regular file",
		"folder/secret": "open folder/secret: not a regular file",
		"pipe":          "open pipe: not a regular file", // opening it would wait for ever
		"../x":          "open ../x: invalid argument",
		"none":          "open none: no such file or directory",
	} {
		if _, err := fs.ReadFile(fsys, name); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}

	good := t.TempDir()
	must(os.Mkdir(filepath.Join(good, "sub"), 0o700))
	write(filepath.Join(good, "sub", "file"))
	if err := fstest.TestFS(RegularFiles(good), "sub/file"); err != nil {
		t.Error(err)
	}
	// The folder itself may be reached by a link: that one is its owner's.
	must(os.Symlink(good, filepath.Join(outside, "good")))
	if b, err := fs.ReadFile(RegularFiles(filepath.Join(outside, "good")), "sub/file"); err != nil || string(b) != "content" {
		t.Errorf("%q, %v", b, err)
	}
}
