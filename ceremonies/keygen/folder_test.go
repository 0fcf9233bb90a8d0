package keygen

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

// A party is a ceremony with files: private folders and one exchange folder.
type party struct {
	t        *testing.T
	dir      string
	exchange Folder
	people   []Trustee
	m        *record.Manifest
}

// newParty enrols t-of-n trustees and begins the ceremony.
func newParty(t *testing.T, quorum, n int) *party {
	t.Helper()
	p := &party{t: t, dir: t.TempDir()}
	p.exchange = Folder(filepath.Join(p.dir, "exchange"))
	var secrets []SecretTrustee
	for i := range n {
		person := Trustee{filepath.Join(p.dir, fmt.Sprint("trustee-", i+1))}
		name := fmt.Sprintf("Trustee %d", i+1)
		e := must(person.Enrol(random(name), name, "passphrase", low))
		p.people = append(p.people, person)
		secrets = append(secrets, must(person.Open("passphrase")))
		must(0, p.exchange.Publish(record.EnrolmentFile(i+1), e))
	}
	p.m = newManifest(secrets, quorum)
	must(0, p.exchange.Publish(record.ManifestFile, p.m))
	return p
}

func (p *party) secret(i int) SecretTrustee { return must(p.people[i-1].Open("passphrase")) }

func (p *party) join(i int) *Desk { return must(p.people[i-1].Join(p.exchange, p.secret(i))) }

// round has every trustee make one step in turn.
func (p *party) round(step func(*Desk) error) {
	p.t.Helper()
	for i := range p.people {
		if err := step(p.join(i + 1)); err != nil {
			p.t.Fatal(err)
		}
	}
}

var steps = []struct {
	name string
	do   func(*Desk) error
}{
	{"commit", func(d *Desk) error { _, err := d.Commit(); return err }},
	{"reveal", func(d *Desk) error { _, err := d.Reveal(); return err }},
	{"confirm", func(d *Desk) error { _, _, err := d.Confirm(); return err }},
}

// tree reads all files below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// plant writes files below a folder.
func plant(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever part of a step's files is on the disk when a trustee is cut off, doing
// the step again ends with the same files, byte for byte. What a power cut can
// leave is among the parts; so are folders from which a file was lost afterwards.
func TestEveryStepCanBeInterruptedAnywhere(t *testing.T) { sweepInterruptions(t, 2, 3, 2) }

// The same for every trustee, and with more of them.
func TestSoakEveryStepCanBeInterruptedAnywhere(t *testing.T) {
	if os.Getenv("SOAK") == "" {
		t.Skip("run by make soak")
	}
	sweepInterruptions(t, 3, 4, 1, 2, 3, 4)
}

func sweepInterruptions(t *testing.T, quorum, n int, trustees ...int) {
	for number, step := range steps {
		for _, who := range trustees {
			t.Run(fmt.Sprintf("%s of trustee %d", step.name, who), func(t *testing.T) {
				p := newParty(t, quorum, n)
				for _, earlier := range steps[:number] {
					p.round(earlier.do)
				}
				for i := 1; i < who; i++ {
					must(0, step.do(p.join(i)))
				}
				before := tree(t, p.dir)
				must(0, step.do(p.join(who)))
				after := tree(t, p.dir)
				interruptAnywhere(t, p, who, step.do, before, after)
			})
		}
	}
}

// worthwhile thins the subsets of many files: what was written up to some moment,
// one file or none, all or all but one. The soak test takes all.
func worthwhile(subset uint, n int) bool {
	there := bits.OnesCount(subset)
	upToNow := subset&(subset+1) == 0
	return n <= 4 || upToNow || there <= 1 || there >= n-1 || os.Getenv("SOAK") != ""
}

func interruptAnywhere(t *testing.T, p *party, who int, do func(*Desk) error, before, after map[string]string) {
	t.Helper()
	var written []string
	for name := range after {
		if _, ok := before[name]; !ok {
			written = append(written, name)
		}
	}
	// What goes to the exchange folder is written last.
	slices.SortFunc(written, func(a, b string) int { return strings.Compare(b, a) })
	if len(written) < 2 || len(written) > 10 {
		t.Fatalf("the step wrote %d files: %q", len(written), written)
	}
	for subset := range 1 << len(written) {
		if !worthwhile(uint(subset), len(written)) {
			continue
		}
		dir := t.TempDir()
		plant(t, dir, before)
		for k, name := range written {
			if subset>>k&1 == 1 {
				plant(t, dir, map[string]string{name: after[name]})
			}
			// What a cut leaves of a file that was being written.
			half := filepath.Join(filepath.Dir(name), fmt.Sprintf(".writing-%d", k))
			plant(t, dir, map[string]string{half: after[name][:len(after[name])/2]})
		}
		q := &party{t: t, dir: dir, exchange: Folder(filepath.Join(dir, "exchange"))}
		for i := range p.people {
			q.people = append(q.people, Trustee{filepath.Join(dir, fmt.Sprint("trustee-", i+1))})
		}
		if err := do(q.join(who)); err != nil {
			t.Fatalf("with %b of %q: %v", subset, written, err)
		}
		got := tree(t, dir)
		maps.DeleteFunc(got, func(name, _ string) bool { return strings.Contains(name, ".writing-") })
		if !maps.Equal(got, after) {
			t.Fatalf("with %b of %q: other files", subset, written)
		}
	}
}

// Enrolment is the one step that draws randomness. Its secret is on the disk
// before the enrolment; so only these two states are left by a cut.
func TestEnrolCanBeInterrupted(t *testing.T) {
	dir := t.TempDir()
	person := Trustee{filepath.Join(dir, "me")}
	must(person.Enrol(random("me"), "Kim", "passphrase", low))
	after := tree(t, dir)
	for _, there := range [][]string{{}, {SecretFile}, {SecretFile, EnrolmentFile}} {
		dir := t.TempDir()
		for _, name := range there {
			plant(t, dir, map[string]string{"me/" + name: after["me/"+name]})
		}
		again := Trustee{filepath.Join(dir, "me")}
		e, err := again.Enrol(random("again"), "Kim", "passphrase", low)
		if err != nil {
			t.Fatalf("with %q: %v", there, err)
		}
		got := tree(t, dir)
		if len(there) > 0 && !maps.Equal(got, after) {
			t.Errorf("with %q: other files", there)
		}
		if string(must(record.Marshal(e))) != got["me/"+EnrolmentFile] {
			t.Errorf("with %q: another enrolment was returned than written", there)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "me", SecretFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Join(dir, "me")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the private folder: %v, %v", info.Mode(), err)
	}
	_, err := person.Enrol(random("x"), "Kim", "another passphrase", low)
	wantError(t, err, "enrolling: wrong passphrase")
	_, err = person.Enrol(random("x"), "Lee", "passphrase", low)
	wantError(t, err, "enrolling: this trustee is enrolled already, under another name or with another secret")
	if !maps.Equal(tree(t, dir), after) {
		t.Error("something was changed")
	}
}

// The steps out of order, one after the other.
func TestStepsWaitForEverybody(t *testing.T) {
	p := newParty(t, 2, 3)
	missing := func(what string) string {
		return fmt.Sprintf("reading ceremony/%s.json: no such file", what)
	}
	_, err := p.join(1).Reveal()
	wantError(t, err, "revealing: "+missing("commitment-1"))
	must(p.join(1).Commit())
	must(p.join(2).Commit())
	_, err = p.join(1).Reveal()
	wantError(t, err, "revealing: "+missing("commitment-3"))
	must(p.join(3).Commit())
	_, _, err = p.join(1).Confirm()
	wantError(t, err, "confirming: "+missing("reveal-1"))
	p.round(steps[1].do)
	if _, err = p.exchange.Finish(); err == nil || !strings.Contains(err.Error(), missing("confirmation-1")) {
		t.Errorf("finishing early: %v", err)
	}
	must(0, steps[2].do(p.join(1)))
	must(0, steps[2].do(p.join(2)))
	_, err = p.exchange.Finish()
	wantError(t, err, missing("confirmation-3"))
	must(0, steps[2].do(p.join(3)))
	j := must(p.exchange.Finish())
	again := must(p.exchange.Finish())
	if !j.Key.Equal(again.Key) {
		t.Error("two joint keys")
	}
	if _, err := record.ReadElection(p.exchange.FS()); err != nil {
		t.Error(err)
	}
}

// An enrolment that is missing stops the first step.
func TestCommitWaitsForAllEnrolments(t *testing.T) {
	p := newParty(t, 2, 3)
	must(0, os.Remove(filepath.Join(string(p.exchange), "ceremony", "enrolment-3.json")))
	_, err := p.join(1).Commit()
	wantError(t, err, "committing: reading ceremony/enrolment-3.json: no such file")
}
