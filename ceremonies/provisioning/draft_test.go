package provisioning

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"fmt"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/ceremonies/ceremonytest"
	"github.com/openreferendum/referendum/record"
)

const draft = `{
 "kind": "live", "title": {"en": "A referendum"}, "languages": ["en"],
 "opens": "2021-12-18T00:00:00Z", "closes": "2021-12-18T08:00:00Z",
 "privacyThreshold": 2, "threshold": 2, "cardAuthorities": [],
 "questions": [{"id": "q1", "title": {"en": "Q"}, "text": {"en": "T"}, "proposer": {"en": "P"},
  "options": [{"id": "agree", "label": {"en": "agree"}, "kind": "valid"}, {"id": "disagree", "label": {"en": "disagree"}, "kind": "valid"}],
  "rule": {"conditions": [{"anyOf": [{"left": [{"coefficient": "1", "of": "option:agree"}], "op": ">", "right": [{"coefficient": "1", "of": "option:disagree"}]}]}]}}],
 "districts": [{"id": "nation", "name": {"en": "The nation"}}],
 "stations": [
  {"id": "b-1", "name": {"en": "Hall"}, "district": "nation", "registered": 2},
  {"id": "a-1", "name": {"en": "School"}, "district": "nation", "registered": 3}]
}
`

func TestParseDraftRefuses(t *testing.T) {
	for name, c := range map[string]struct{ draft, want string }{
		"nothing":            {"", "draft: json: ends in the middle"},
		"a cut one":          {draft[:100], "draft: json: ends in the middle"},
		"garbage":            {"garbage", "draft: invalid character 'g' looking for beginning of value"},
		"an unknown field":   {strings.Replace(draft, `"kind"`, `"colour": 1, "kind"`, 1), `draft: json: unknown field "colour"`},
		"a key":              {strings.Replace(draft, `"registered": 2`, `"key": "00"`, 1), `draft: json: unknown field "key"`},
		"a bracket behind":   {draft + "}", "draft: json: something follows the document"},
		"a document behind":  {draft + draft, "draft: json: something follows the document"},
		"a number as a text": {strings.Replace(draft, `"threshold": 2`, `"threshold": "2"`, 1), "draft: json: cannot unmarshal string"},
		"a negative number":  {strings.Replace(draft, `"registered": 2`, `"registered": -2`, 1), "draft: json: cannot unmarshal number"},
		"a fraction":         {strings.Replace(draft, `"threshold": 2`, `"threshold": 2.5`, 1), "draft: json: cannot unmarshal number"},
	} {
		d, err := ParseDraft([]byte(c.draft))
		wantError(t, err, c.want)
		if d != nil {
			t.Errorf("%s: there is a draft", name)
		}
	}
}

// everybody asks for all the keys of the draft.
func everybody() []*KeyRequest {
	all := []*KeyRequest{must(NewKeyRequest(RoleAuthority, "", "Commission", key("authority").Signer()))}
	for _, id := range []string{"a-1", "b-1"} {
		all = append(all, must(NewKeyRequest(RoleStation, id, "Machine", key("station "+id).Signer())))
		for _, name := range []string{"Roy", "Lee"} {
			all = append(all, must(NewKeyRequest(RoleOfficial, id, name, key(name+id).Signer())))
		}
	}
	return all
}

func enrolments(n int) []record.Signed[record.Enrolment] {
	var all []record.Signed[record.Enrolment]
	for i := range n {
		all = append(all, *must(ceremonytest.Secret(i + 1).Enrol(fmt.Sprint("Trustee ", i+1))))
	}
	return all
}

func TestAssembleRefuses(t *testing.T) {
	small := func() record.Signed[record.Enrolment] { // a trustee to whom nothing can be sealed
		e := record.Signed[record.Enrolment]{Body: record.Enrolment{Name: "Trustee 3", SigningKey: record.Key(ceremonytest.Public(ceremonytest.SigningKey("x")))}}
		must(0, e.Sign(record.SignerEnrolment, ceremonytest.SigningKey("x")))
		return e
	}
	for _, test := range []struct {
		name  string
		spoil func(d *Draft, e *[]record.Signed[record.Enrolment], k *[]*KeyRequest)
		want  string
	}{
		{"no authority", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) { *k = (*k)[1:] }, "0 key requests of an authority instead of one"},
		{"two authorities", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) { *k = append(*k, (*k)[0]) }, "2 key requests of an authority instead of one"},
		{"two keys for a station", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) { *k = append(*k, (*k)[1]) }, `two key requests of station "a-1"`},
		{"no key for a station", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) {
			*k = append((*k)[:1], (*k)[2:]...)
		}, `station "a-1"`},
		{"one official", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) { *k = (*k)[:len(*k)-1] }, `station "b-1": 1 officials, allowed are 2 to 16`},
		{"one official twice", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) { (*k)[3] = (*k)[2] }, `official 1 of station "a-1" and official 2 of station "a-1" have the same key`},
		{"a key for a station that is not there", func(d *Draft, _ *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { d.Stations = d.Stations[:1] }, `key requests of stations that the draft does not have: ["a-1"]`},
		{"a station twice", func(d *Draft, _ *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) {
			d.Stations = append(d.Stations, d.Stations[0])
		}, "station"},
		{"the authority's key for a station", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) {
			(*k)[1] = must(NewKeyRequest(RoleStation, "a-1", "Machine", key("authority").Signer()))
		}, `assembling the manifest: the authority and station "a-1" have the same key`},
		{"a trustee's key for an official", func(_ *Draft, _ *[]record.Signed[record.Enrolment], k *[]*KeyRequest) {
			(*k)[2] = must(NewKeyRequest(RoleOfficial, "a-1", "Kim", ceremonytest.Secret(2).SigningKey()))
		}, `assembling the manifest: trustee 2 and official 1 of station "a-1" have the same key`},
		{"half of the trustees decrypt", func(_ *Draft, e *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { *e = enrolments(4) }, "quorum: 2 of 4 trustees is not more than half"},
		{"fewer trustees than decrypt", func(_ *Draft, e *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { *e = (*e)[:1] }, "quorum: 2 of 1 trustees"},
		{"a trustee twice", func(_ *Draft, e *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { (*e)[2] = (*e)[1] }, "trustee 3: a name or key is given twice"},
		{"two trustees of one name", func(_ *Draft, e *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) {
			(*e)[2] = *must(ceremonytest.Secret(3).Enrol("Trustee 1"))
		}, "trustee 3: a name or key is given twice"},
		{"an enrolment that somebody else signed", func(_ *Draft, e *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) {
			(*e)[2].Signatures = (*e)[1].Signatures
		}, "enrolment of trustee 3: signature of trustee does not verify"},
		{"a trustee to whom nothing can be sealed", func(_ *Draft, e *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { (*e)[2] = small() }, "assembling the manifest: trustee 3: encryption key: of small order"},
		{"no card authorities at all", func(d *Draft, _ *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { d.CardAuthorities = nil }, "cardAuthorities: missing"},
		{"no questions", func(d *Draft, _ *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { d.Questions = nil }, "questions: "},
		{"another kind", func(d *Draft, _ *[]record.Signed[record.Enrolment], _ *[]*KeyRequest) { d.Kind = "dress rehearsal" }, `kind: "dress rehearsal" is none of`},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, e, k := must(ParseDraft([]byte(draft))), enrolments(3), everybody()
			test.spoil(d, &e, &k)
			m, err := d.Assemble(e, k)
			wantError(t, err, test.want)
			if m != nil {
				t.Error("there is a manifest")
			}
		})
	}
}

// The order of requests and stations makes no difference; that of the trustees
// gives their numbers.
func TestAssemble(t *testing.T) {
	d, k := must(ParseDraft([]byte(draft))), everybody()
	m := must(d.Assemble(enrolments(3), k))
	if m.Stations[0].ID != "a-1" || m.Stations[0].Officials[0] != key("Leea-1").Public() || m.Trustees[1].Name != "Trustee 2" {
		t.Errorf("assembled %+v", m.Stations)
	}
	for i := range k {
		k[i], k[len(k)-1-i] = k[len(k)-1-i], k[i]
	}
	d.Stations[0], d.Stations[1] = d.Stations[1], d.Stations[0]
	again := must(d.Assemble(enrolments(3), k))
	if !bytes.Equal(must(record.Marshal(m)), must(record.Marshal(again))) {
		t.Error("another manifest from the same papers")
	}
	r := Rehearsal(m)
	if r.Kind != record.Rehearsal || m.Kind != record.Live {
		t.Errorf("a %s of a %s", r.Kind, m.Kind)
	}
	if record.ManifestHash(must(record.Marshal(r))) == record.ManifestHash(must(record.Marshal(m))) {
		t.Error("a rehearsal with the referendum's identifier")
	}
}

func TestKeyRequestsRefuse(t *testing.T) {
	good := must(record.Marshal(must(NewKeyRequest(RoleStation, "a-1", "Machine", key("k").Signer()))))
	change := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }
	for name, c := range map[string]struct {
		request []byte
		want    string
	}{
		"nothing":               {nil, "key request: json: ends in the middle"},
		"too long":              {make([]byte, MaxRequest+1), "key request: 4097 bytes, allowed are 4096"},
		"another station":       {change("a-1", "b-1"), "key request: not signed with the key it asks for"},
		"another role":          {change(RoleStation, RoleOfficial), "key request: not signed with the key it asks for"},
		"another name":          {change("Machine", "Machina"), "key request: not signed with the key it asks for"},
		"no signature":          {good[:bytes.Index(good, []byte(`,"signature"`))], "key request: json: ends in the middle"},
		"a short signature":     {change(`"}`, `00"}`), "key request: not signed with the key it asks for"},
		"a role there is not":   {change(`"station","station"`, `"mayor","station"`), `key request: role "mayor" is none of authority, station, official`},
		"an authority's town":   {change(`"station","station"`, `"authority","station"`), "key request: an authority has no station"},
		"no identifier":         {change("a-1", "A 1"), `key request: station "A 1" is not an identifier`},
		"no name":               {change("Machine", ""), "key request: name missing or too long"},
		"a name of two lines":   {change("Machine", `M\nkey: 1`), "key request: name: character U+000A is not allowed"},
		"white space":           {change(`,"name"`, `, "name"`), "key request: json: not the canonical encoding"},
		"another order":         {change(`{"role":"station","station":"a-1"`, `{"station":"a-1","role":"station"`), "key request: json: not the canonical encoding"},
		"upper-case field":      {change(`"role"`, `"Role"`), "key request: json: not the canonical encoding"},
		"null":                  {change(`"a-1"`, `null`), "key request: json: not the canonical encoding"},
		"a document behind":     {append(bytes.Clone(good), good...), "key request: json: something follows the document"},
		"an unprintable letter": {change("Machine", "Mach\xffne"), "key request: json: not the canonical encoding"},
	} {
		r, err := ParseKeyRequest(c.request)
		wantError(t, err, c.want)
		if r != nil {
			t.Errorf("%s: there is a request", name)
		}
	}
	_, err := NewKeyRequest(RoleStation, "", "Machine", key("k").Signer())
	wantError(t, err, `station "" is not an identifier`)
	_, err = NewKeyRequest(RoleStation, "a-1", "Machine", must(ecdsa.GenerateKey(elliptic.P256(), ceremonytest.Random("p"))))
	wantError(t, err, "key request: not an Ed25519 key")
}

func FuzzParseKeyRequest(f *testing.F) {
	good := must(record.Marshal(must(NewKeyRequest(RoleStation, "a-1", "Machine", key("k").Signer()))))
	f.Add(good)
	f.Add(bytes.Replace(good, []byte("a-1"), []byte("a-2"), 1))
	f.Add(must(record.Marshal(must(NewKeyRequest(RoleAuthority, "", "Commission", key("a").Signer())))))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ParseKeyRequest(b)
		if err == nil && !bytes.Equal(must(record.Marshal(r)), b) {
			t.Errorf("two encodings of one request:\n%q", b)
		}
	})
}

func FuzzParseDraft(f *testing.F) {
	f.Add([]byte(draft))
	f.Add([]byte(strings.Replace(draft, `"threshold": 2`, `"threshold": 99`, 1)))
	f.Add([]byte(strings.ReplaceAll(draft, `"en"`, `"zh-Hant"`)))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ParseDraft(b)
		if err != nil {
			return
		}
		m, err := d.Assemble(enrolments(3), everybody())
		if err != nil {
			return
		}
		// What was assembled is a manifest, whatever was in the draft.
		if _, err := record.ParseManifest(must(record.Marshal(m))); err != nil {
			t.Errorf("assembled no manifest: %v", err)
		}
	})
}
