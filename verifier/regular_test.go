package verifier

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// TestRegularFS: only regular files in real folders are opened.
func TestRegularFS(t *testing.T) {
	dir := t.TempDir()
	outside := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(filepath.Join(dir, "folder", "inner"), 0o755),
		os.WriteFile(filepath.Join(dir, "folder", "file"), []byte("here"), 0o644),
		os.WriteFile(filepath.Join(outside, "secret"), []byte("outside"), 0o644),
		os.Symlink(filepath.Join(outside, "secret"), filepath.Join(dir, "out")),
		os.Symlink(outside, filepath.Join(dir, "away")),
		os.Symlink("folder", filepath.Join(dir, "inside")),
		os.Symlink("circle", filepath.Join(dir, "circle")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	fsys := regularFS{os.DirFS(dir)}
	for _, test := range []struct {
		name string
		want error
	}{
		{"out", errNotRegular}, {"circle", errNotRegular}, {"inside", errNotRegular},
		{"away/secret", errNotFolder}, {"inside/file", errNotFolder}, {"folder/file/x", errNotFolder},
		{"nowhere", fs.ErrNotExist}, {"folder/../out", fs.ErrInvalid}, {"/etc/passwd", fs.ErrInvalid}, {"", fs.ErrInvalid},
	} {
		if _, err := fsys.Open(test.name); !errors.Is(err, test.want) {
			t.Errorf("%q: %v instead of %v", test.name, err, test.want)
		}
	}
	if b, err := fs.ReadFile(fsys, "folder/file"); err != nil || string(b) != "here" {
		t.Errorf("folder/file: %q, %v", b, err)
	}
	if entries, err := fs.ReadDir(fsys, "."); err != nil || len(entries) != 5 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if err := fstest.TestFS(regularFS{os.DirFS(filepath.Join(dir, "folder"))}, "file", "inner"); err != nil {
		t.Error(err)
	}
}
