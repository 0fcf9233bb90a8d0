package office_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/tally/office"
	"github.com/openreferendum/referendum/tally/tallytest"
)

// A room is a counting room: what is carried into it, made once.
type room struct {
	*tallytest.World
	bundles map[string]tallytest.Bundle
	answers map[int][]byte    // of trustees, to the request of all three stations
	record  map[string]string // the complete record, of the answers of trustees 1 and 3
}

var theRoom = sync.OnceValues(func() (*room, error) {
	r := &room{World: tallytest.New(tallytest.Config{}), bundles: map[string]tallytest.Bundle{}, answers: map[int][]byte{}}
	r.bundles["a-1"] = r.Bundle("a-1", r.Votes(3), nil)
	r.bundles["a-2"] = r.Bundle("a-2", r.Votes(2), r.Votes(1))
	r.bundles["b-1"] = r.Bundle("b-1", nil, nil)
	dir, err := os.MkdirTemp("", "room")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := r.carryIn(dir); err != nil {
		return nil, err
	}
	o, err := r.countBundles(dir)
	if err != nil {
		return nil, err
	}
	for i := 1; i <= tallytest.Trustees; i++ {
		if r.answers[i], err = r.Answer(o.FS(), i, ""); err != nil {
			return nil, err
		}
	}
	if err := r.count(dir); err != nil {
		return nil, err
	}
	r.record = contents(os.DirFS(filepath.Join(dir, "record")))
	return r, nil
})

func aRoom(t testing.TB) *room {
	t.Helper()
	r, err := theRoom()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// furnish carries everything into a new folder and returns it.
func (r *room) furnish(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := r.carryIn(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (r *room) carryIn(dir string) error {
	err := r.WriteCeremony(filepath.Join(dir, "exchange"))
	for id, b := range r.bundles {
		err = errors.Join(err, b.Write(filepath.Join(dir, "media", id)))
	}
	return err
}

// count counts everything, however far it is already.
func (r *room) count(dir string) error {
	o, err := r.countBundles(dir)
	if err != nil {
		return err
	}
	for _, i := range []int{1, 3} {
		if _, err := o.Accept(r.answers[i]); err != nil && !errors.Is(err, office.ErrAnswered) {
			return err
		}
	}
	_, err = o.Publish(r.Authority.Signer())
	return err
}

func (r *room) countBundles(dir string) (*office.Office, error) {
	o, err := office.Begin(filepath.Join(dir, "exchange"), filepath.Join(dir, "record"))
	if err != nil {
		return nil, err
	}
	for _, id := range []string{"a-1", "a-2", "b-1"} {
		if _, err := o.Import(filepath.Join(dir, "media", id), nil); err != nil && !errors.Is(err, office.ErrTwice) {
			return nil, err
		}
	}
	_, err = o.Aggregate(r.Authority.Signer(), false, 2, nil)
	return o, err
}

// contents reads all files of a folder; a name ending in / is an empty folder.
func contents(fsys fs.FS) map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			entries, err := fs.ReadDir(fsys, path)
			if len(entries) == 0 {
				all[path+"/"] = ""
			}
			return err
		}
		b, err := fs.ReadFile(fsys, path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		all["error"] = err.Error()
	}
	return all
}

// difference names a file in which two folders differ, or is "".
func difference(got, want map[string]string) string {
	for name, content := range want {
		if there, ok := got[name]; !ok || there != content {
			return fmt.Sprintf("%s: there: %v", name, ok)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			return name + ": too many"
		}
	}
	return ""
}

// inOrder lists the files of the complete record in the order in which they are
// written; a station's folder is one.
func (r *room) inOrder() []string {
	var order []string
	rank := func(name string) int {
		for i, prefix := range []string{record.ManifestFile, "ceremony/", record.JointKeyFile, "stations/", record.AggregatesFile, "decryption/", record.ResultFile, record.InventoryFile} {
			if strings.HasPrefix(name, prefix) {
				return i
			}
		}
		return -1
	}
	for name := range r.record {
		if parts := strings.Split(name, "/"); parts[0] == record.StationsDir {
			name = "stations/" + parts[1]
		}
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
	}
	slices.SortFunc(order, func(a, b string) int {
		if rank(a) != rank(b) {
			return rank(a) - rank(b)
		}
		return strings.Compare(a, b)
	})
	return order
}

// writeUpTo writes what is there when a count is interrupted after a number of
// files, and what lies about then.
func (r *room) writeUpTo(t *testing.T, dir string, written []string) {
	t.Helper()
	for name, content := range r.record {
		if slices.ContainsFunc(written, func(w string) bool { return name == w || strings.HasPrefix(name, w+"/") }) {
			writeFile(t, filepath.Join(dir, name), content)
		}
	}
	for _, name := range []string{".writing-1", "ceremony/.writing-2", "stations/.writing-3/ballots", "stations/.importing-X/closing.json", "decryption/.writing-4"} {
		writeFile(t, filepath.Join(dir, name), "half")
	}
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
		t.Fatal(err)
	}
}
