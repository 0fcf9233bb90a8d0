package provisioning

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openreferendum/referendum/ceremonies/ceremonytest"
	"github.com/openreferendum/referendum/record"
)

var day = time.Date(2021, 12, 18, 0, 0, 0, 0, time.UTC)

// certificate makes a card authority's certificate.
func certificate(name string) *x509.Certificate {
	k := ceremonytest.SigningKey("card authority " + name)
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: day, NotAfter: day.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1},
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(nil, t, t, k.Public(), k))))
}

func revocation(name string, signer ed25519.PrivateKey, extensions ...pkix.Extension) []byte {
	t := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: day, NextUpdate: day.AddDate(0, 1, 0), ExtraExtensions: extensions,
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: big.NewInt(7), RevocationTime: day}}}
	return must(x509.CreateRevocationList(nil, t, certificate(name), signer))
}

// A parcel is what Pack takes.
type parcel struct {
	ceremony     ceremonytest.Files
	station      string
	roll         []byte
	authorities  [][]byte
	lists        [][]byte
	stationKey   record.Key
	authorityKey SecretKey
}

var holders = []string{"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10"}

var goodParcel = sync.OnceValue(func() parcel {
	keys := ceremonytest.NewKeys("a-1", "a-2")
	authority := key("authority")
	keys.Authority = authority.Signer()
	m := must(keys.Manifest(1, 1, 1, "a-1", "a-2"))
	for _, name := range []string{"X", "Y"} {
		m.CardAuthorities = append(m.CardAuthorities, record.FileHash(certificate(name).Raw))
	}
	p := parcel{ceremony: must(ceremonytest.Ceremony(m)), station: "a-1", authorityKey: authority, stationKey: m.Stations[0].Key}
	p.roll = must(record.Marshal(must(Roll(p.election(), "a-1", holders, authority))))
	p.authorities = [][]byte{certificate("X").Raw, certificate("Y").Raw}
	p.lists = [][]byte{revocation("X", ceremonytest.SigningKey("card authority X"))}
	return p
})

func (p parcel) election() *record.Election { return must(record.ReadElection(p.ceremony.FS())) }

func (p parcel) pack() (map[string][]byte, error) {
	return Pack(p.ceremony.FS(), p.station, p.roll, p.authorities, p.lists)
}

func TestRollRefuses(t *testing.T) {
	p := goodParcel()
	for name, c := range map[string]struct {
		station string
		holders []string
		key     SecretKey
		want    string
	}{
		"a holder twice":           {"a-1", append(append([]string{}, holders[1:]...), "A2"), p.authorityKey, "given twice"},
		"a voter too few":          {"a-1", holders[1:], p.authorityKey, "roll: 9 voters, the manifest says 10"},
		"a station that is not":    {"z-9", holders, p.authorityKey, `the manifest has no station "z-9"`},
		"not the authority's key":  {"a-1", holders, key("somebody"), "roll: signature of authority does not verify"},
		"no identifier of station": {"A 1", holders, p.authorityKey, "is not an identifier"},
	} {
		r, err := Roll(p.election(), c.station, c.holders, c.key)
		wantError(t, err, c.want)
		if r != nil {
			t.Errorf("%s: there is a roll", name)
		}
	}
	backwards := make([]string, 0, len(holders))
	for i := range holders {
		backwards = append(backwards, holders[len(holders)-1-i])
	}
	if again := must(record.Marshal(must(Roll(p.election(), "a-1", backwards, p.authorityKey)))); !bytes.Equal(again, p.roll) {
		t.Error("the order of the list shows in the roll")
	}
	for _, h := range holders {
		if bytes.Contains(p.roll, []byte(`"`+h+`"`)) {
			t.Errorf("the roll names %s", h)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	delta := pkix.Extension{Id: deltaList, Critical: true, Value: []byte{2, 1, 1}}
	for name, c := range map[string]struct {
		spoil func(p *parcel)
		want  string
	}{
		"no joint key": {func(p *parcel) { p.ceremony = ceremonytest.Files{"manifest.json": p.ceremony["manifest.json"]} }, "reading joint-key.json: no such file"},
		"another election's joint key": {func(p *parcel) {
			p.ceremony = ceremonytest.Files{"manifest.json": bytes.Replace(p.ceremony["manifest.json"], []byte("live"), []byte("rehearsal"), 1), "joint-key.json": p.ceremony["joint-key.json"]}
		}, "joint key: belongs to another manifest"},
		"a station that is not":               {func(p *parcel) { p.station = "z-9" }, `station package: the manifest has no station "z-9"`},
		"another station's roll":              {func(p *parcel) { p.station = "a-2" }, `roll: of station "a-1"`},
		"a roll without a signature":          {func(p *parcel) { p.roll = bytes.Replace(p.roll, []byte("authority"), []byte("somebody!"), 1) }, `roll: signature 1 is of "somebody!"`},
		"garbage for a roll":                  {func(p *parcel) { p.roll = []byte("garbage") }, "roll: invalid character"},
		"a missing certificate":               {func(p *parcel) { p.authorities = p.authorities[:1] }, "card authorities: a certificate of the manifest's is missing"},
		"a certificate twice":                 {func(p *parcel) { p.authorities = append(p.authorities, p.authorities[0]) }, "card authority 3: not one of the manifest's, or given twice"},
		"another certificate":                 {func(p *parcel) { p.authorities = [][]byte{p.authorities[0], certificate("Z").Raw} }, "card authority 2: not one of the manifest's, or given twice"},
		"garbage for a revocation list":       {func(p *parcel) { p.lists = [][]byte{[]byte("garbage")} }, "revocation list 1: "},
		"a list of nobody":                    {func(p *parcel) { p.lists = [][]byte{revocation("Z", ceremonytest.SigningKey("card authority Z"))} }, "revocation list 1: not signed by a card authority of the manifest"},
		"a list that another authority signs": {func(p *parcel) { p.lists = [][]byte{relabel(t)} }, "revocation list 1: not signed by a card authority of the manifest"},
		"a list of changes only": {func(p *parcel) {
			p.lists = [][]byte{revocation("X", ceremonytest.SigningKey("card authority X"), delta)}
		}, "revocation list 1: holds only the changes to another list"},
	} {
		p := goodParcel()
		c.spoil(&p)
		files, err := p.pack()
		wantError(t, err, c.want)
		if files != nil {
			t.Errorf("%s: there is a package", name)
		}
	}
}

// relabel puts X's name on a list that Y has signed: one byte of the issuer.
func relabel(t *testing.T) []byte {
	t.Helper()
	b := revocation("Y", ceremonytest.SigningKey("card authority Y"))
	at := bytes.Index(b, []byte("\x0c\x01Y")) // UTF8String or PrintableString of one letter
	if at < 0 {
		at = bytes.Index(b, []byte("\x13\x01Y"))
	}
	if at < 0 {
		t.Fatal("the issuer's name was not found")
	}
	b[at+2] = 'X'
	return b
}

func mapFS(files map[string][]byte) fstest.MapFS { return ceremonytest.Files(files).FS() }

func TestReadPackageRefuses(t *testing.T) {
	p := goodParcel()
	for name, c := range map[string]struct {
		spoil func(f map[string][]byte)
		own   record.Key
		want  string
	}{
		"another machine's key": {func(map[string][]byte) {}, record.Key{1}, `station "a-1": the manifest names another key than this machine's`},
		"a file too many":       {func(f map[string][]byte) { f["autorun.inf"] = nil }, p.stationKey, `station package: "autorun.inf" does not belong there`},
		"a folder too many":     {func(f map[string][]byte) { f["stations/a-1/ballots"] = nil }, p.stationKey, `station package: "stations" does not belong there`},
		"no roll":               {func(f map[string][]byte) { delete(f, RollFile) }, p.stationKey, "reading roll.json: no such file"},
		"a truncated roll":      {func(f map[string][]byte) { f[RollFile] = f[RollFile][:100] }, p.stationKey, "roll: json: ends in the middle"},
		"no manifest":           {func(f map[string][]byte) { delete(f, "manifest.json") }, p.stationKey, "reading manifest.json: no such file"},
		"a missing certificate": {func(f map[string][]byte) { delete(f, "card-authority-2.der") }, p.stationKey, "card authorities: a certificate of the manifest's is missing"},
		"an oversized certificate": {func(f map[string][]byte) {
			f["card-authority-2.der"] = make([]byte, maxCertificate+1)
		}, p.stationKey, "reading card-authority-2.der: larger than 65536 bytes"},
		"a truncated list": {func(f map[string][]byte) { f["revoked-1.crl"] = f["revoked-1.crl"][:50] }, p.stationKey, "revocation list 1: "},
	} {
		files := must(p.pack())
		c.spoil(files)
		read, err := ReadPackage(mapFS(files), "a-1", c.own)
		wantError(t, err, c.want)
		if read != nil {
			t.Errorf("%s: there is a package", name)
		}
	}
}

func TestAPackageArrivesWhole(t *testing.T) {
	p := goodParcel()
	read := must(ReadPackage(mapFS(must(p.pack())), "a-1", p.stationKey))
	if read.Station.ID != "a-1" || len(read.Roll.Body.Voters) != 10 || len(read.Authorities) != 2 || len(read.RevocationLists) != 1 {
		t.Errorf("read %+v", read)
	}
	if u := read.Unlisted(); len(u) != 1 || u[0] != "CN=Y" {
		t.Errorf("without a revocation list: %q", u)
	}
}

// FuzzReadPackage changes one file of a package.
func FuzzReadPackage(f *testing.F) {
	p := goodParcel()
	files := must(p.pack())
	for name, b := range files {
		f.Add(name, b)
		f.Add(name, b[:len(b)/2])
	}
	f.Add("card-authority-x.der", files["card-authority-1.der"])
	f.Add("revoked-.crl", files["revoked-1.crl"])
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		if name == "" || name == "." || !validName(name) {
			return
		}
		changed := must(p.pack())
		changed[name] = b
		read, err := ReadPackage(mapFS(changed), "a-1", p.stationKey)
		if err != nil {
			return
		}
		if read.Election.ID != p.election().ID || !bytes.Equal(must(record.Marshal(read.Roll)), p.roll) {
			t.Errorf("a package with another %s was taken", name)
		}
	})
}

func validName(name string) bool {
	for _, r := range name {
		if r == '/' || r == '\\' || r == 0 {
			return false
		}
	}
	return true
}
