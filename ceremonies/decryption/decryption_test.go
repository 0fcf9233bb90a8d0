package decryption_test

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/ceremonytest"
	"github.com/openreferendum/referendum/ceremonies/decryption"
	"github.com/openreferendum/referendum/ceremonies/keygen"
	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/record"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var keys = ceremonytest.NewKeys("a-1", "a-2", "a-3")

var votes = map[string][][]int{
	"a-1": {{1, 1}, {1, 2}, {2, 0}, {3, 3}},
	"a-2": {{1, 0}}, // alone it would tell how somebody voted
	"a-3": {{2, 2}, {1, 1}, {0, 0}},
}

// good is a record up to the request, by 2 of 3 trustees. Tests copy it.
var good = sync.OnceValue(func() ceremonytest.Files {
	m := must(keys.Manifest(2, 3, 2, "a-1", "a-2", "a-3"))
	return must(ceremonytest.Day(must(ceremonytest.Ceremony(m)), keys, votes))
})

func check(files ceremonytest.Files) (*decryption.Request, error) {
	return decryption.Check(files.FS(), decryption.Options{Workers: 2})
}

// resign replaces a signed document with a changed one that its signers sign
// again.
func resign(files ceremonytest.Files, name string, s any, sign func() error) {
	must(0, sign())
	files[name] = must(record.Marshal(s))
}

// flaws are everything that a record can have wrong behind the request.
var flaws = []struct {
	name  string
	spoil func(f ceremonytest.Files)
	want  string
}{
	// Files.
	{"no manifest", func(f ceremonytest.Files) { delete(f, "manifest.json") }, "reading manifest.json: no such file"},
	{"no joint key", func(f ceremonytest.Files) { delete(f, "joint-key.json") }, "reading joint-key.json: no such file"},
	{"no request", func(f ceremonytest.Files) { delete(f, "aggregates.json") }, "reading aggregates.json: no such file"},
	{"no stations", func(f ceremonytest.Files) {
		maps.DeleteFunc(f, func(name string, _ []byte) bool { return strings.HasPrefix(name, "stations/") })
	}, "reading stations"},
	{"a truncated request", func(f ceremonytest.Files) { f["aggregates.json"] = f["aggregates.json"][:100] }, "ends in the middle"},
	{"a request with something behind it", func(f ceremonytest.Files) { f["aggregates.json"] = append(bytes.Clone(f["aggregates.json"]), '\n') }, "json: not the canonical encoding"},
	{"garbage for a request", func(f ceremonytest.Files) { f["aggregates.json"] = []byte("garbage") }, "invalid character"},
	{"another manifest", func(f ceremonytest.Files) {
		f["manifest.json"] = bytes.Replace(f["manifest.json"], []byte("A test"), []byte("A best"), 1)
	}, "joint key: belongs to another manifest"},
	{"a rehearsal's manifest", func(f ceremonytest.Files) {
		f["manifest.json"] = bytes.Replace(f["manifest.json"], []byte(`"live"`), []byte(`"rehearsal"`), 1)
	}, "joint key: belongs to another manifest"},

	// The ceremony.
	{"a joint key that nobody confirmed", func(f ceremonytest.Files) {
		j := must(record.ParseJointKey(f["joint-key.json"]))
		j.Key = group.Generator()
		f["joint-key.json"] = must(record.Marshal(j))
	}, "joint key: not what the transcript gives"},
	{"swapped public shares", func(f ceremonytest.Files) {
		j := must(record.ParseJointKey(f["joint-key.json"]))
		j.PublicShares[0], j.PublicShares[1] = j.PublicShares[1], j.PublicShares[0]
		f["joint-key.json"] = must(record.Marshal(j))
	}, "joint key: not what the transcript gives"},
	{"a missing confirmation", func(f ceremonytest.Files) { delete(f, "ceremony/confirmation-2.json") }, "reading ceremony/confirmation-2.json: no such file"},
	{"a confirmation of another transcript", func(f ceremonytest.Files) {
		x := must(record.ReadSigned[record.Confirmation](f.FS(), "ceremony/confirmation-2.json"))
		x.Body.Transcript[0] ^= 1
		x.Signatures = nil
		resign(f, "ceremony/confirmation-2.json", x, func() error { return x.Sign("trustee-2", ceremonytest.Secret(2).SigningKey()) })
	}, "confirmation of trustee 2: of another transcript or key"},
	{"swapped trustees", func(f ceremonytest.Files) {
		f["ceremony/reveal-1.json"], f["ceremony/reveal-2.json"] = f["ceremony/reveal-2.json"], f["ceremony/reveal-1.json"]
	}, "reveal of trustee 1: is trustee 2's"},

	// Stations and their ballots.
	{"a flipped bit in a ballot", func(f ceremonytest.Files) { f["stations/a-1/ballots"] = flip(f["stations/a-1/ballots"], 700) }, `station "a-1"`},
	{"half a ballot", func(f ceremonytest.Files) { f["stations/a-1/ballots"] = f["stations/a-1/ballots"][:2000] }, "ballot 2: 656 bytes instead of 1344"},
	{"a dropped ballot", func(f ceremonytest.Files) { f["stations/a-1/ballots"] = f["stations/a-1/ballots"][size():] }, `station "a-1": ballots: 3, the checkpoint says 4`},
	{"a doubled ballot", func(f ceremonytest.Files) {
		b := f["stations/a-1/ballots"]
		f["stations/a-1/ballots"] = append(bytes.Clone(b[:size()]), b...)
	}, `station "a-1": ballot 2: confirmation code stands twice`},
	{"reordered ballots", func(f ceremonytest.Files) {
		b := f["stations/a-1/ballots"]
		f["stations/a-1/ballots"] = append(bytes.Clone(b[size():]), b[:size()]...)
	}, "not in ascending order of the confirmation codes"},
	{"a ballot of another station", func(f ceremonytest.Files) { f["stations/a-2/ballots"] = f["stations/a-1/ballots"][:size()] }, `station "a-2": ballot 1: `},
	{"a closing that officials did not sign", func(f ceremonytest.Files) {
		f["stations/a-1/closing.json"] = bytes.Replace(f["stations/a-1/closing.json"], []byte("official-2"), []byte("official-3"), 1)
	}, `station "a-1": closing: signed by 1 officials, needed are 2`},
	{"counts that were changed", func(f ceremonytest.Files) {
		f["stations/a-1/closing.json"] = bytes.Replace(f["stations/a-1/closing.json"], []byte(`"cast":4`), []byte(`"cast":5`), 1)
	}, `station "a-1": counts: 4 attendances, but 5 ballots cast`},
	{"another station's checkpoint", func(f ceremonytest.Files) { f["stations/a-1/checkpoint"] = f["stations/a-3/checkpoint"] }, `station "a-1": checkpoint: not signed by this station for this election`},
	{"a station that is not in the manifest", func(f ceremonytest.Files) { f["stations/z-9/ballots"] = nil }, "stations/z-9: the manifest has no such station"},
	{"a file among the stations", func(f ceremonytest.Files) { f["stations/readme"] = nil }, "stations/readme: the manifest has no such station"},

	// What is asked for.
	{"a request that nobody signed", func(f ceremonytest.Files) {
		f["aggregates.json"] = bytes.Replace(f["aggregates.json"], []byte(`"signer":"authority"`), []byte(`"signer":"nobody"`), 1)
	}, `aggregates: signature 1 is of "nobody" instead of "authority"`},
	{"a request that a station signed", func(f ceremonytest.Files) {
		must(0, ceremonytest.Keys{Authority: keys.Stations["a-1"]}.Request(f))
	}, "aggregates: signature of authority does not verify"},
	{"another sum", request(func(a *record.Aggregates) {
		a.Aggregates[0].Sums[0][0] = a.Aggregates[0].Sums[0][0].Add(a.Aggregates[0].Sums[0][1])
	}), `aggregate "a-1": not the sum of its stations' ballots`},
	{"one ballot's ciphertext for a sum", request(func(a *record.Aggregates) {
		a.Aggregates[0].Sums[0][0].Alpha = group.Generator()
	}), `aggregate "a-1": not the sum of its stations' ballots`},
	{"another election's request", request(func(a *record.Aggregates) { a.Election[0] ^= 1 }), "aggregates: of another election"},
	{"a question too few", request(func(a *record.Aggregates) { a.Aggregates[0].Sums = a.Aggregates[0].Sums[:1] }), `aggregate "a-1": not the sum of its stations' ballots`},
	{"a small station alone", request(func(a *record.Aggregates) {
		a.Aggregates[1].Stations = []string{"a-3"}
		alone := a.Aggregates[1]
		alone.ID, alone.Stations, alone.Cast = "a-2", []string{"a-2"}, 1
		a.Aggregates[1].ID, a.Aggregates[1].Cast = "a-3", 3
		a.Aggregates = []record.Aggregate{a.Aggregates[0], alone, a.Aggregates[1]}
	}), "aggregates: 3 groups, the plan has 2"},
	{"an aggregate less", request(func(a *record.Aggregates) { a.Aggregates = a.Aggregates[:1] }), "aggregates: 1 groups, the plan has 2"},
	{"other stations together", request(func(a *record.Aggregates) {
		a.Aggregates[0].Stations, a.Aggregates[1].ID, a.Aggregates[1].Stations = []string{"a-1", "a-2"}, "a-3", []string{"a-3"}
	}), "the plan has"},
	{"a station named as missing that is there", request(func(a *record.Aggregates) { a.Missing = []string{"a-2"} }), `station "a-2": named as missing, but its folder is there`},
	{"a missing station that is not named", func(f ceremonytest.Files) {
		maps.DeleteFunc(f, func(name string, _ []byte) bool { return strings.HasPrefix(name, "stations/a-2/") })
	}, `station "a-2": reading closing.json: no such file`},
}

func size() int { return len(good()["stations/a-2/ballots"]) }

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func request(change func(a *record.Aggregates)) func(ceremonytest.Files) {
	return func(f ceremonytest.Files) { must(0, keys.RequestWith(f, change)) }
}

func TestEveryFlawRefusesTheRequest(t *testing.T) {
	for _, flaw := range flaws {
		t.Run(flaw.name, func(t *testing.T) {
			files := maps.Clone(good())
			flaw.spoil(files)
			r, err := check(files)
			if err == nil || !strings.Contains(err.Error(), flaw.want) {
				t.Errorf("checking: %v\nwant: %s", err, flaw.want)
			}
			if r != nil {
				t.Error("there is a request to answer")
			}
		})
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	files := maps.Clone(good())
	for _, station := range []string{"a-1", "a-2", "a-3"} {
		delete(files, record.StationFile(station, "checkpoint"))
	}
	_, err := check(files)
	problems, ok := errors.AsType[decryption.Problems](err)
	if !ok || len(problems) != 3 {
		t.Errorf("problems: %v", err)
	}
}

func TestAnswersDecryptTheSums(t *testing.T) {
	r := must(check(good()))
	lines := r.Lines()
	if len(lines) != 2 || lines[0] != (decryption.Line{Aggregate: "a-1", Stations: 1, Cast: 4}) || lines[1] != (decryption.Line{Aggregate: "a-2", Stations: 2, Cast: 4}) {
		t.Errorf("to be decrypted: %v", lines)
	}
	var answers []*record.Decryption
	for _, i := range []int{3, 1} {
		d := must(r.Answer(ceremonytest.Random("answer"), ceremonytest.Secret(i), nil))
		if err := record.CheckDecryption(r.Election, r.Aggregates, r.Hash, i, d); err != nil {
			t.Error(err)
		}
		answers = append(answers, &d.Body)
	}
	result := must(record.ComputeResult(r.Election, r.Aggregates, answers))
	want := [][][]uint64{{{2, 1, 1}, {1, 1, 1}}, {{2, 1, 0}, {1, 1, 0}}}
	for k := range want {
		got := result.Aggregates[k].Counts
		for q := range want[k] {
			for o := range want[k][q] {
				if got[q][o] != want[k][q][o] {
					t.Errorf("aggregate %d: %v, want %v", k, got, want[k])
				}
			}
		}
	}
}

// A station that is named as missing is left out, and nothing else.
func TestMissingStationsAreLeftOut(t *testing.T) {
	files := maps.Clone(good())
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, "stations/a-3/") })
	must(0, keys.Request(files))
	r := must(check(files))
	if lines := r.Lines(); len(lines) != 1 || lines[0].Stations != 2 || lines[0].Cast != 5 {
		t.Errorf("to be decrypted: %v", lines)
	}
	if r.Hash == must(check(good())).Hash {
		t.Error("the same request")
	}
}

func TestAnswerRefuses(t *testing.T) {
	r := must(check(good()))
	random := ceremonytest.Random("answer")
	other := record.Hash{1}
	_, err := r.Answer(random, ceremonytest.Secret(1), &other)
	if !errors.Is(err, decryption.ErrAnswered) {
		t.Errorf("after another request: %v", err)
	}
	if _, err = r.Answer(random, ceremonytest.Secret(1), &r.Hash); err != nil {
		t.Errorf("after the same request: %v", err)
	}
	_, err = r.Answer(random, ceremonytest.Secret(4), nil)
	if err == nil || err.Error() != "this secret belongs to no trustee of the manifest" {
		t.Errorf("a stranger: %v", err)
	}
	_, err = r.Answer(bytes.NewReader(nil), ceremonytest.Secret(1), nil)
	if err == nil || !strings.Contains(err.Error(), "randomness") {
		t.Errorf("no randomness: %v", err)
	}
}

// Trustees 2 and 3 conspire: 2 seals a wrong share for 1, and all sign the
// confirmations of the transcript, 1 without having looked. Its answer would be
// worthless, so it finds out now.
func TestAWrongShareIsNoticedAtTheLatestHere(t *testing.T) {
	files := maps.Clone(good())
	reveal := must(record.ReadSigned[record.Reveal](files.FS(), "ceremony/reveal-2.json"))
	reveal.Body.Shares[0] = flip(reveal.Body.Shares[0], 40)
	reveal.Signatures = nil
	resign(files, "ceremony/reveal-2.json", reveal, func() error { return reveal.Sign("trustee-2", ceremonytest.Secret(2).SigningKey()) })
	c := must(record.ReadCeremony(files.FS(), 3))
	j := must(c.JointKeyOf(record.ManifestHash(files["manifest.json"])))
	for i := 1; i <= 3; i++ {
		x := &record.Signed[record.Confirmation]{Body: record.Confirmation{Manifest: j.Manifest, Trustee: i, Transcript: j.Transcript, Key: j.Key}}
		key := ceremonytest.Secret(i).SigningKey()
		resign(files, record.ConfirmationFile(i), x, func() error { return x.Sign(record.SignerTrustee(i), key) })
	}
	files["joint-key.json"] = must(record.Marshal(j))
	files = must(ceremonytest.Day(files, keys, votes))
	_, err := must(check(files)).Answer(ceremonytest.Random("answer"), ceremonytest.Secret(1), nil)
	cheat, ok := errors.AsType[*keygen.Cheat](err)
	if !ok || cheat.Dealer != 2 {
		t.Errorf("answering: %v", err)
	}
}

func TestProgressCountsEveryBallot(t *testing.T) {
	var last, total int64
	_, err := decryption.Check(good().FS(), decryption.Options{Progress: func(d, n int64) { last, total = d, n }})
	if err != nil || last != 8 || total != 8 {
		t.Errorf("%d of %d, %v", last, total, err)
	}
}
