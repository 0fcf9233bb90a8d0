package keygen

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

// copyTo copies a folder with everything in it.
func copyTo(t *testing.T, from, to string) {
	t.Helper()
	plant(t, to, tree(t, from))
}

// Trustee 2 shows one reveal to trustee 1 and another to trustee 3, each in its
// own copy of the exchange folder. Both are right in themselves, so both confirm;
// but no folder ever holds three confirmations of one transcript, and where the
// copies meet, the two documents are named and kept.
func TestEquivocationNeverGivesAJointKey(t *testing.T) {
	p := newParty(t, 2, 3)
	p.round(steps[0].do)
	must(0, steps[1].do(p.join(1)))
	must(0, steps[1].do(p.join(3)))
	other := Folder(filepath.Join(p.dir, "other exchange"))
	copyTo(t, string(p.exchange), string(other))

	desk := p.join(2)
	honest := must(desk.Seat.Reveal(must(p.exchange.Commitments(3))))
	must(0, p.exchange.Publish(record.RevealFile(2), honest))
	second := &record.Signed[record.Reveal]{Body: honest.Body}
	second.Body.Shares = append([]record.Bytes(nil), honest.Body.Shares...)
	second.Body.Shares[1] = must(desk.Seat.sealFor(1)) // another share for itself: nobody else sees that
	must(0, second.Sign(record.SignerTrustee(2), desk.Key()))
	must(0, other.Publish(record.RevealFile(2), second))

	confirm := func(i int, exchange Folder) error {
		_, _, err := must(p.people[i-1].Join(exchange, p.secret(i))).Confirm()
		return err
	}
	must(0, confirm(1, p.exchange))
	must(0, confirm(3, other))
	must(0, confirm(2, p.exchange))

	// Trustee 3's confirmation is carried over to the first folder.
	third := record.ConfirmationFile(3)
	plant(t, string(p.exchange), map[string]string{third: tree(t, string(other))[third]})
	_, err := p.exchange.Finish()
	wantError(t, err, "confirmation of trustee 3: of another transcript or key")

	// Trustee 3 sees the first folder.
	_, err = p.people[2].Join(p.exchange, p.secret(3))
	var e *Equivocation
	if !errors.As(err, &e) || e.Trustee != 2 || e.File != record.RevealFile(2) {
		t.Fatalf("joining: %v", err)
	}
	if !errors.Is(err, ErrOtherContent) || e.Error() != "trustee 2 has signed two different documents: ceremony/reveal-2.json" {
		t.Errorf("joining: %v", err)
	}
	archive := p.people[2].Archive(must(p.exchange.Status()).Hash)
	files := tree(t, string(archive))
	kept := 0
	for name, content := range files {
		if strings.HasPrefix(name, "evidence/reveal-2.json-") && content == string(must(record.Marshal(honest))) {
			kept++
		}
	}
	if kept != 1 || files[record.RevealFile(2)] != string(must(record.Marshal(second))) {
		t.Error("the two documents were not kept")
	}
}

// A trustee publishes one document of each round, whatever is asked of it.
func TestATrusteeNeverEquivocates(t *testing.T) {
	p := newParty(t, 2, 3)
	p.round(steps[0].do)
	p.round(steps[1].do)
	must(0, steps[2].do(p.join(1)))

	// Trustee 2 replaces its reveal where trustee 1's own copy is lost.
	desk := p.join(2)
	reveal := must(record.ReadSigned[record.Reveal](p.exchange.FS(), record.RevealFile(2)))
	changed := &record.Signed[record.Reveal]{Body: reveal.Body}
	changed.Body.Shares = append([]record.Bytes(nil), reveal.Body.Shares...)
	changed.Body.Shares[2][0] ^= 1
	must(0, changed.Sign(record.SignerTrustee(2), desk.Key()))
	archive := string(p.people[0].Archive(desk.hash))
	for _, dir := range []string{archive, string(p.exchange)} {
		must(0, os.Remove(filepath.Join(dir, record.RevealFile(2))))
	}
	must(0, p.exchange.Publish(record.RevealFile(2), changed))
	_, _, err := p.join(1).Confirm()
	wantError(t, err, "this trustee has published another confirmation-1.json for this manifest before")
}

func TestVoidCeremoniesDoNotGoOn(t *testing.T) {
	p := newParty(t, 2, 3)
	p.round(steps[0].do)
	p.round(steps[1].do)
	if _, err := p.join(1).Complain(2); err == nil {
		t.Fatal("complained about a right share")
	}
	liar := p.join(3)
	x := &record.Signed[record.Complaint]{Body: record.Complaint{Manifest: liar.hash, Trustee: 3, Against: 2}}
	must(0, x.Sign(record.SignerTrustee(3), liar.Key()))
	must(0, p.exchange.Publish(ComplaintFile(3, 2), x))

	void := "this ceremony is void: trustee 3 has complained about trustee 2"
	for _, step := range steps {
		wantError(t, step.do(p.join(1)), void)
	}
	_, err := p.exchange.Finish()
	wantError(t, err, void)

	_, err = p.join(2).Defend(1)
	wantError(t, err, "defending: reading ceremony/complaint-1-2.json: no such file")
	must(p.join(2).Defend(3))
	again := must(p.join(2).Defend(3))
	if !again.Already {
		t.Error("a second, other defence")
	}
	cheater, why, err := p.exchange.Judge(3, 2)
	if err != nil || cheater != 3 || why != "the share it complained about is right" {
		t.Errorf("judged: %d, %s, %v", cheater, why, err)
	}
	s := must(p.exchange.Status())
	if len(s.Disputes) != 1 || s.Disputes[0] != (Dispute{3, 2, true}) || len(s.Problems) != 0 {
		t.Errorf("status: %+v", s)
	}
}

// A trustee that has confirmed gets no share of the finished key by complaining.
func TestNoAnswerAfterAConfirmation(t *testing.T) {
	p := newParty(t, 2, 3)
	p.round(steps[0].do)
	liar := p.join(3)
	x := &record.Signed[record.Complaint]{Body: record.Complaint{Manifest: liar.hash, Trustee: 3, Against: 2}}
	must(0, x.Sign(record.SignerTrustee(3), liar.Key()))
	early := Folder(filepath.Join(p.dir, "early"))
	copyTo(t, string(p.exchange), string(early))
	must(0, early.Publish(ComplaintFile(3, 2), x))
	fresh := Trustee{filepath.Join(p.dir, "trustee-2 before")}
	copyTo(t, p.people[1].Dir, fresh.Dir)
	_, err := must(fresh.Join(early, p.secret(2))).Defend(3)
	wantError(t, err, "defending: this trustee has not sealed any share yet")

	p.round(steps[1].do)
	p.round(steps[2].do)
	must(p.exchange.Finish())
	_, err = p.join(3).Complain(2)
	wantError(t, err, "complaining: this trustee has confirmed the ceremony")
	must(0, p.exchange.Publish(ComplaintFile(3, 2), x))
	_, err = p.join(2).Defend(3)
	wantError(t, err, "defending: trustee 3 has confirmed the ceremony that it complains about")
	cheater, why, err := p.exchange.Judge(3, 2)
	if err != nil || cheater != 3 || why != "has confirmed the ceremony and complained about it" {
		t.Errorf("judged: %d, %s, %v", cheater, why, err)
	}
}

// Everything that can lie on a stick that was carried around.
func TestFoldersFromElsewhere(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(p *party, dir string)
		want  string
	}{
		{"no manifest", func(p *party, dir string) { must(0, os.Remove(dir+"/manifest.json")) }, "reading manifest.json: no such file"},
		{"an empty manifest", func(p *party, dir string) { must(0, os.WriteFile(dir+"/manifest.json", nil, 0o600)) }, "manifest: json: ends in the middle"},
		{"a pipe for a manifest", func(p *party, dir string) {
			must(0, os.Remove(dir+"/manifest.json"))
			must(0, syscall.Mkfifo(dir+"/manifest.json", 0o600))
		}, "reading manifest.json: open manifest.json: not a regular file"},
		{"a pipe for a commitment", func(p *party, dir string) { must(0, syscall.Mkfifo(dir+"/ceremony/commitment-2.json", 0o600)) }, "reading ceremony/commitment-2.json: open ceremony/commitment-2.json: not a regular file"},
		{"a link to a secret", func(p *party, dir string) {
			must(0, os.Symlink(p.people[1].path(SecretFile), dir+"/ceremony/commitment-2.json"))
		}, "reading ceremony/commitment-2.json: open ceremony/commitment-2.json: not a regular file"},
		{"garbage", func(p *party, dir string) {
			must(0, os.WriteFile(dir+"/ceremony/commitment-2.json", []byte("garbage"), 0o600))
		}, "ceremony/commitment-2.json: commitment: invalid character 'g' looking for beginning of value"},
		{"an oversized document", func(p *party, dir string) {
			must(0, os.Truncate(dir+"/ceremony/enrolment-2.json", maxDocument+1))
		}, "reading ceremony/enrolment-2.json: larger than 1048576 bytes"},
		{"a truncated document", func(p *party, dir string) { must(0, os.Truncate(dir+"/ceremony/enrolment-2.json", 100)) }, "ceremony/enrolment-2.json: enrolment: json: ends in the middle"},
		{"another's enrolment", func(p *party, dir string) {
			must(0, os.Rename(dir+"/ceremony/enrolment-3.json", dir+"/ceremony/enrolment-2.json"))
		}, "ceremony/enrolment-2.json: enrolment of trustee 2: not the name and keys in the manifest"},
		{"a folder for a document", func(p *party, dir string) { must(0, os.Mkdir(dir+"/ceremony/commitment-1.json", 0o700)) }, "is a directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newParty(t, 2, 3)
			test.spoil(p, string(p.exchange))
			before := tree(t, p.people[0].Dir)
			desk, err := p.people[0].Join(p.exchange, p.secret(1))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("joining: %v, want %s", err, test.want)
			}
			if _, ok := tree(t, p.people[0].Dir)["secret.age"]; !ok || (desk == nil && len(tree(t, p.people[0].Dir)) != len(before)) {
				t.Error("the private folder was changed")
			}
		})
	}
}

// A link for the folder of the documents could have a trustee write anywhere.
func TestNothingIsWrittenThroughALink(t *testing.T) {
	p := newParty(t, 1, 1)
	elsewhere := t.TempDir()
	must(0, os.Rename(string(p.exchange)+"/ceremony", p.dir+"/moved"))
	must(0, os.Symlink(elsewhere, string(p.exchange)+"/ceremony"))
	err := p.exchange.Publish(record.CommitmentFile(1), struct{}{})
	if err == nil || !strings.HasSuffix(err.Error(), "exchange/ceremony is not a folder") {
		t.Errorf("publishing: %v", err)
	}
	if len(tree(t, elsewhere)) != 0 {
		t.Error("something was written")
	}
}

// A manifest in which a quorum is half, or a key is unusable, is not joined.
func TestJoinRefusesBadManifests(t *testing.T) {
	p := newParty(t, 2, 3)
	begin := func(change func(m *record.Manifest)) Folder {
		m := *p.m
		m.Trustees = append([]record.Trustee(nil), p.m.Trustees...)
		change(&m)
		f := Folder(t.TempDir())
		must(0, f.Publish(record.ManifestFile, m))
		return f
	}
	_, err := p.people[0].Join(begin(func(m *record.Manifest) { m.Threshold = 1 }), p.secret(1))
	wantError(t, err, "manifest: trustees: quorum: 1 of 3 trustees is not more than half")
	_, err = p.people[0].Join(begin(func(m *record.Manifest) { m.Trustees[2].EncryptionKey = record.Hash{} }), p.secret(1))
	wantError(t, err, "manifest: trustee 3: encryption key: of small order")
	_, err = p.people[0].Join(begin(func(m *record.Manifest) { m.Trustees[0].SigningKey[0] ^= 1 }), p.secret(1))
	wantError(t, err, "this secret belongs to no trustee of the manifest")
	if len(tree(t, p.people[0].Dir)) != 2 {
		t.Error("the private folder has taken something in")
	}
}

// The joint key is that of the shares' polynomial also when it went through
// files.
func TestFilesGiveTheKeyOfTheShares(t *testing.T) {
	p := newParty(t, 2, 3)
	for _, step := range steps {
		p.round(step.do)
	}
	j := must(p.exchange.Finish())
	c := must(record.ReadCeremony(p.exchange.FS(), 3))
	for i := 1; i <= 3; i++ {
		share := must(must(p.secret(i).Sit(must(p.exchange.Manifest()))).Share(c))
		if !group.MulBase(share.Reveal()).Equal(j.PublicShares[i-1]) {
			t.Errorf("trustee %d: another share", i)
		}
	}
}
