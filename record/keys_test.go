package record_test

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/record"
)

// TestKeysThatAreRefused: keys of small order, to which anybody can sign and
// open, and second encodings of keys.
func TestKeysThatAreRefused(t *testing.T) {
	hash := func(digits string) record.Hash { return must(record.ParseHash(digits)) }
	ff := strings.Repeat("ff", 30)
	for name, c := range map[string]struct {
		key              record.Hash
		signing, sealing string
	}{
		"zero":                 {record.Hash{}, "of small order", "of small order"},
		"one, the identity":    {record.Hash{1}, "of small order", "of small order"},
		"the identity, x odd":  {hash("01" + strings.Repeat("00", 30) + "80"), "of small order", "not the canonical encoding"},
		"minus one":            {hash("ec" + ff + "7f"), "of small order", "of small order"},
		"minus one, x odd":     {hash("ec" + ff + "ff"), "of small order", "not the canonical encoding"},
		"p, which is 0":        {hash("ed" + ff + "7f"), "not the canonical encoding", "not the canonical encoding"},
		"p + 1":                {hash("ee" + ff + "7f"), "not the canonical encoding", "not the canonical encoding"},
		"all ones":             {hash("ff" + ff + "ff"), "not the canonical encoding", "not the canonical encoding"},
		"order 8, y":           {hash("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "of small order", ""},
		"order 8, y, x odd":    {hash("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"), "of small order", "not the canonical encoding"},
		"another order 8, y":   {hash("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "of small order", ""},
		"order 8, u":           {hash("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), "", "of small order"},
		"another order 8, u":   {hash("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), "", "of small order"},
		"the base point's u":   {record.Hash{9}, "", ""},
		"a key that is a key":  {record.Key(signingKey("any").Public().(ed25519.PublicKey)), "", "?"},
		"the largest below p":  {hash("eb" + ff + "7f"), "", ""},
		"the same, with x odd": {hash("eb" + ff + "ff"), "", "not the canonical encoding"},
	} {
		if err := record.CheckSigningKey(c.key); !says(err, c.signing) {
			t.Errorf("%s, to sign: %v, want %q", name, err, c.signing)
		}
		if err := record.CheckEncryptionKey(c.key); c.sealing != "?" && !says(err, c.sealing) {
			t.Errorf("%s, to seal: %v, want %q", name, err, c.sealing)
		}
	}
}

// says reports whether err is nil where want is "", and otherwise ends with it.
func says(err error, want string) bool {
	if want == "" {
		return err == nil
	}
	return err != nil && strings.HasSuffix(err.Error(), want)
}

// TestIdentityKeySignsAnything shows why: this signature, made by nobody,
// verifies under a key of small order for any message.
func TestIdentityKeySignsAnything(t *testing.T) {
	identity := record.Key{1}
	signature := make([]byte, ed25519.SignatureSize)
	signature[0] = 1 // R is the identity, S is 0
	if !ed25519.Verify(identity[:], []byte("anything"), signature) {
		t.Fatal("the forgery does not verify: this test shows nothing any more")
	}
	if record.CheckSigningKey(identity) == nil {
		t.Error("the key is accepted")
	}
}
