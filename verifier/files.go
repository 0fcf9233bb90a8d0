package verifier

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/openreferendum/referendum/record"
	"github.com/openreferendum/referendum/record/ballotlog"
)

// maxFiles bounds the files of a record that are listed.
const maxFiles = 1 << 20

// stationFiles are the files of a station's folder.
var stationFiles = []string{record.BallotsFile, record.ChallengedFile, record.CheckpointFile, record.ClosingFile}

// inventory makes V04. It comes after the stations, so that their files need not
// be read twice.
func (v *verification) inventory() {
	there := v.hashes()
	inventory, err := record.ReadSigned[record.Inventory](v.fsys, record.InventoryFile)
	if err != nil {
		v.t.see("V04", record.InventoryFile, err)
		return
	}
	if err := inventory.CheckOnly(record.Required{Signer: record.SignerAuthority, Key: v.e.Manifest.Authority}); err != nil {
		v.t.fail("V04", record.InventoryFile, "%v", err)
	}
	if inventory.Body.Election != v.e.ID {
		v.t.fail("V04", record.InventoryFile, "inventory of another election")
	}
	inventory.Body.Files = slices.DeleteFunc(inventory.Body.Files, func(f record.File) bool { return !v.asked(f.Path) })
	v.t.count("V04", int64(len(there)))
	v.t.failAll("V04", record.InventoryFile, inventory.Body.Compare(record.Inventory{Election: v.e.ID, Files: there}))
}

// hashes hashes the files that V03 found, as many at a time as there are
// workers.
func (v *verification) hashes() []record.File {
	files := make([]record.File, len(v.there))
	v.each(len(files), func(i int) {
		f, err := v.once.file(v.there[i].path, v.there[i].limit)
		if err != nil {
			v.t.fail("V03", v.there[i].path, "%v", err)
		}
		files[i] = f
	})
	files = slices.DeleteFunc(files, func(f record.File) bool { return f.Path == record.InventoryFile })
	slices.SortFunc(files, func(a, b record.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}

// A found file is one that the inventory may have to name.
type found struct {
	path  string
	limit int64
}

// files makes V03, and notes the files for V04.
func (v *verification) files() {
	needed := v.needed()
	seen := 0
	err := fs.WalkDir(v.fsys, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			v.t.fail("V03", path, "%v", err)
			return nil
		case d.IsDir():
			if !folder(path) {
				v.t.fail("V03", path, "this folder does not belong in a record")
			}
			return nil
		case seen == maxFiles:
			v.t.fail("V03", "record", "more than %d files", maxFiles)
			return fs.SkipAll
		}
		seen++
		delete(needed, path)
		v.file(path, d)
		return nil
	})
	if err != nil {
		v.t.fail("V03", "record", "%v", err)
	}
	for path := range needed {
		v.t.fail("V03", path, "this file is not there")
	}
	v.t.count("V03", int64(seen))
}

// file looks at one file.
func (v *verification) file(path string, d fs.DirEntry) {
	limit, known := v.limit(path)
	if !known {
		v.t.fail("V03", path, "this file does not belong in a record")
		limit = record.MaxDocument
	}
	if !d.Type().IsRegular() {
		v.t.fail("V03", path, "%v", errNotRegular)
		return
	}
	if v.asked(path) {
		v.there = append(v.there, found{path, limit})
	}
}

// errTooLarge says that a file is larger than any of its kind can be.
var errTooLarge = errors.New("larger than it can be")

func hashFile(fsys fs.FS, path string, limit int64) (record.File, error) {
	none := record.File{Path: path}
	f, err := fsys.Open(path)
	if err != nil {
		return none, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, limit+1))
	switch {
	case err != nil:
		return none, err
	case n > limit:
		return none, errTooLarge
	}
	return record.File{Path: path, Size: n, SHA256: record.Hash(h.Sum(nil))}, nil
}

// limit returns the largest size of a file, and whether a record has a file of
// this name.
func (v *verification) limit(path string) (int64, bool) {
	if v.names[path] {
		return record.MaxDocument, true
	}
	parts := below(path)
	if len(parts) != 3 || parts[0] != record.StationsDir || !slices.Contains(stationFiles, parts[2]) {
		return 0, false
	}
	s, known := v.e.Station(parts[1])
	switch parts[2] {
	case record.BallotsFile:
		return v.maxBallots(s), known
	case record.CheckpointFile:
		return ballotlog.MaxCheckpoint, known
	}
	return record.MaxDocument, known
}

// maxBallots is the size of a station's ballots when all on its roll have voted.
func (v *verification) maxBallots(s record.Station) int64 {
	return int64(s.Registered) * int64(v.e.BallotSize())
}

// documents lists the names outside the stations' folders.
func documents(m *record.Manifest) map[string]bool {
	names := map[string]bool{
		record.ManifestFile: true, record.JointKeyFile: true, record.AggregatesFile: true,
		record.ResultFile: true, record.InventoryFile: true,
	}
	for i := range m.Trustees {
		for _, name := range []func(int) string{record.EnrolmentFile, record.CommitmentFile, record.RevealFile, record.ConfirmationFile, record.DecryptionFile} {
			names[name(i+1)] = true
		}
	}
	return names
}

// needed lists the names that no record lacks. A trustee need not answer, and a
// station may be missing; but one whose folder is there has all four files.
func (v *verification) needed() map[string]bool {
	names := documents(v.e.Manifest)
	for i := range v.e.Manifest.Trustees {
		delete(names, record.DecryptionFile(i+1))
	}
	entries, _ := fs.ReadDir(v.fsys, record.StationsDir) // V10 reports the error
	for _, entry := range entries {
		if _, ok := v.e.Station(entry.Name()); !ok || !entry.IsDir() || !v.wanted(entry.Name()) {
			continue
		}
		for _, name := range stationFiles {
			names[record.StationFile(entry.Name(), name)] = true
		}
	}
	return names
}

// folder reports whether a record has such a folder. V10 judges the stations'.
func folder(path string) bool {
	switch parts := below(path); len(parts) {
	case 1:
		return slices.Contains([]string{".", "ceremony", record.StationsDir, "decryption"}, path)
	case 2:
		return parts[0] == record.StationsDir
	}
	return false
}
