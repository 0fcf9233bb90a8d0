package record

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// An Inventory lists every file of a record but itself, and is signed by the
// authority: the signature over all.
type Inventory struct {
	Election Hash   `json:"election"`
	Files    []File `json:"files"` // ascending by path
}

// A File is one file of the record.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 Hash   `json:"sha256"`
}

func (Inventory) kind() string { return "inventory" }

// maxFiles bounds the files of a record.
const maxFiles = 1 << 20

// Validate refuses paths that leave the record or are out of order.
func (v Inventory) Validate() error {
	if len(v.Files) == 0 || len(v.Files) > maxFiles {
		return fmt.Errorf("%d files", len(v.Files))
	}
	for i, f := range v.Files {
		if !fs.ValidPath(f.Path) || f.Path == InventoryFile || strings.ContainsAny(f.Path, "\\\x00") {
			return fmt.Errorf("path %q is not allowed", f.Path)
		}
		if i > 0 && v.Files[i-1].Path >= f.Path {
			return errors.New("files: not in ascending order")
		}
		if f.Size < 0 {
			return fmt.Errorf("%s: size %d", shown(f.Path), f.Size)
		}
	}
	return nil
}

// TakeInventory lists and hashes all files below the root of a record.
func TakeInventory(e *Election, fsys fs.FS) (Inventory, error) {
	v := Inventory{Election: e.ID}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == InventoryFile {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", shown(path))
		}
		f, err := hashFile(fsys, path)
		v.Files = append(v.Files, f)
		return err
	})
	if err != nil {
		return Inventory{}, fmt.Errorf("listing the record's files: %w", err)
	}
	slices.SortFunc(v.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return v, nil
}

func hashFile(fsys fs.FS, path string) (File, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	if err != nil {
		return File{}, err
	}
	return File{path, n, Hash(h.Sum(nil))}, nil
}

// Compare lists how the files that are there differ from the inventory.
func (v Inventory) Compare(there Inventory) []error {
	var problems []error
	fail := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	i, j := 0, 0
	for i < len(v.Files) || j < len(there.Files) {
		switch {
		case j == len(there.Files) || (i < len(v.Files) && v.Files[i].Path < there.Files[j].Path):
			fail("%s: in the inventory, but not there", shown(v.Files[i].Path))
			i++
		case i == len(v.Files) || there.Files[j].Path < v.Files[i].Path:
			fail("%s: there, but not in the inventory", shown(there.Files[j].Path))
			j++
		default:
			if v.Files[i] != there.Files[j] {
				fail("%s: not the file of the inventory", shown(v.Files[i].Path))
			}
			i, j = i+1, j+1
		}
	}
	return problems
}

// shown quotes a path that would do more on a screen than be read: whoever
// writes a record chooses its names.
func shown(path string) string {
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}
