package verifier

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/openreferendum/referendum/record"
)

// Options configures Verify. The zero value verifies everything with one
// worker.
type Options struct {
	Workers  int
	Progress func(done, total int64) // in ballots
	Election *record.Hash            // the H_E the observer expects, if any
}

// Verify makes all checks of the record in fsys and never stops at the first
// failure. Its memory does not grow with the number of ballots, but for 8 bytes
// each.
func Verify(fsys fs.FS, o Options) *Report {
	v := &verification{fsys: fsys, o: o, t: newTally(), r: new(Report)}
	v.run()
	return v.t.report(v.r)
}

type verification struct {
	fsys fs.FS
	o    Options
	t    *tally
	r    *Report

	manifest []byte
	e        *record.Election
	cast     map[string]uint32
	sums     map[string]*record.Sum
}

func (v *verification) run() {
	if !v.election() {
		// Without manifest and key nothing else can be asked.
		for _, c := range Checks[2:] {
			v.t.skip(c.ID)
		}
		return
	}
	v.files()
	v.ceremony()
	v.stations()
	v.outcome()
}

// election makes V01 and V02.
func (v *verification) election() bool {
	m, err := record.ReadFile(v.fsys, record.ManifestFile, record.MaxDocument)
	if err == nil {
		v.r.Manifest, err = record.ParseManifest(m)
	}
	if !v.t.see("V01", record.ManifestFile, err) {
		v.t.skip("V02")
		return false
	}
	v.manifest, v.r.Kind = m, v.r.Manifest.Kind
	j, err := record.ReadFile(v.fsys, record.JointKeyFile, record.MaxDocument)
	if err == nil {
		v.e, err = record.NewElection(m, j)
	}
	if !v.t.see("V02", record.JointKeyFile, err) {
		return false
	}
	v.r.Election = v.e.ID
	if v.o.Election != nil && *v.o.Election != v.e.ID {
		v.t.fail("V02", record.JointKeyFile, "this is election %v, expected is %v", v.e.ID, *v.o.Election)
	}
	return true
}

// files makes V03 and V04.
func (v *verification) files() {
	there, err := record.TakeInventory(v.e, v.fsys)
	if !v.t.see("V03", "record", err) {
		v.t.skip("V04")
		return
	}
	v.t.count("V03", int64(len(there.Files)))
	for _, f := range there.Files {
		if !v.known(f.Path) {
			v.t.fail("V03", f.Path, "this file does not belong in a record")
		}
	}
	inventory, err := record.ReadSigned[record.Inventory](v.fsys, record.InventoryFile)
	if !v.t.see("V04", record.InventoryFile, err) {
		return
	}
	v.t.see("V04", record.InventoryFile, inventory.CheckOnly(record.Required{Signer: record.SignerAuthority, Key: v.e.Manifest.Authority}))
	if inventory.Body.Election != v.e.ID {
		v.t.fail("V04", record.InventoryFile, "inventory of another election")
	}
	v.t.count("V04", int64(len(there.Files)))
	for _, err := range inventory.Body.Compare(there) {
		v.t.fail("V04", record.InventoryFile, "%v", err)
	}
}

// known reports whether a record has a file of this name.
func (v *verification) known(path string) bool {
	switch path {
	case record.ManifestFile, record.JointKeyFile, record.AggregatesFile, record.ResultFile, record.InventoryFile:
		return true
	}
	if parts := strings.Split(path, "/"); len(parts) == 3 && parts[0] == record.StationsDir {
		return slices.Contains([]string{record.BallotsFile, record.ChallengedFile, record.CheckpointFile, record.ClosingFile}, parts[2])
	}
	for i := range v.e.Manifest.Trustees {
		names := []string{record.EnrolmentFile(i + 1), record.CommitmentFile(i + 1), record.RevealFile(i + 1), record.ConfirmationFile(i + 1), record.DecryptionFile(i + 1)}
		if slices.Contains(names, path) {
			return true
		}
	}
	return false
}

// ceremony makes V05 to V09.
func (v *verification) ceremony() {
	m, hash := v.e.Manifest, record.ManifestHash(v.manifest)
	c := new(record.Ceremony)
	complete := true
	for i := 1; i <= len(m.Trustees); i++ {
		where := fmt.Sprintf("trustee %d", i)
		enrolment, err := record.ReadSigned[record.Enrolment](v.fsys, record.EnrolmentFile(i))
		if err == nil {
			err = record.CheckEnrolment(m, i, enrolment)
		}
		complete = v.t.see("V05", where, err) && complete
		commitment, err := record.ReadSigned[record.Commitment](v.fsys, record.CommitmentFile(i))
		if err == nil {
			err = record.CheckCommitment(m, hash, i, commitment)
		}
		complete = v.t.see("V06", where, err) && complete
		reveal, err := record.ReadSigned[record.Reveal](v.fsys, record.RevealFile(i))
		if err == nil && commitment == nil {
			err = errors.New("no commitment to compare with")
		}
		if err == nil {
			err = record.CheckReveal(m, hash, i, commitment, reveal)
		}
		complete = v.t.see("V07", where, err) && complete
		if complete {
			c.Enrolments, c.Commitments, c.Reveals = append(c.Enrolments, *enrolment), append(c.Commitments, *commitment), append(c.Reveals, *reveal)
		}
	}
	if !complete {
		v.t.skip("V08", "V09")
		return
	}
	j, err := c.JointKeyOf(hash)
	if err == nil {
		err = v.sameKey(j)
	}
	if !v.t.see("V08", record.JointKeyFile, err) {
		v.t.skip("V09")
		return
	}
	for i := 1; i <= len(m.Trustees); i++ {
		x, err := record.ReadSigned[record.Confirmation](v.fsys, record.ConfirmationFile(i))
		if err == nil {
			err = record.CheckConfirmation(m, j, i, x)
		}
		v.t.see("V09", fmt.Sprintf("trustee %d", i), err)
	}
}

func (v *verification) sameKey(j *record.JointKey) error {
	b, err := record.Marshal(j)
	if err != nil {
		return err
	}
	if record.ElectionID(v.manifest, b) != v.e.ID {
		return errors.New("not what the trustees' reveals give")
	}
	return nil
}
