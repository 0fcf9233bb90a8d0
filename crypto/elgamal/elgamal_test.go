package elgamal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/openreferendum/referendum/crypto/group"
	"pgregory.net/rapid"
)

func testKey(t testing.TB) (PublicKey, group.Scalar) {
	t.Helper()
	x := group.HashToScalar("test", []byte("joint key"))
	pk, err := NewPublicKey(group.MulBase(x))
	if err != nil {
		t.Fatal(err)
	}
	return pk, x
}

// opens returns [m]B = β − [x]α.
func opens(c Ciphertext, x group.Scalar) group.Element { return c.Beta.Sub(c.Alpha.Mul(x)) }

func TestPublicKeyRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		key  []byte
		err  string
	}{
		{"identity", make([]byte, 32), "public key: the identity is not allowed"},
		{"short", make([]byte, 31), "public key: group element: 31 bytes instead of 32"},
		{"not canonical", bytes.Repeat([]byte{0xff}, 32), "public key: group element: not a canonical encoding"},
	} {
		if _, err := ParsePublicKey(test.key); err == nil || err.Error() != test.err {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
	}
	if _, err := NewPublicKey(group.Element{}); err == nil || err.Error() != "public key: missing" {
		t.Errorf("missing: %v", err)
	}
}

func TestCiphertextRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, err string }{
		{"empty", "", "ciphertext: 0 hexadecimal digits instead of 128"},
		{"one element", group.Generator().String(), "ciphertext: 64 hexadecimal digits instead of 128"},
		{"a digit more", strings.Repeat("0", 129), "ciphertext: 129 hexadecimal digits instead of 128"},
		{"alpha", strings.Repeat("f", 64) + strings.Repeat("0", 64), "ciphertext: alpha: "},
		{"beta", strings.Repeat("0", 64) + strings.Repeat("f", 64), "ciphertext: beta: "},
		{"upper case", strings.ToUpper(group.Generator().String()) + strings.Repeat("0", 64), "upper-case"},
	} {
		var c Ciphertext
		if err := c.UnmarshalText([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, wanted %q", test.name, err, test.err)
		}
		if !c.Alpha.IsZero() || !c.Beta.IsZero() {
			t.Errorf("%s: half a ciphertext was kept", test.name)
		}
	}
	if _, err := (Ciphertext{}).MarshalText(); err == nil || err.Error() != "group element: missing" {
		t.Errorf("a missing ciphertext as text: %v", err)
	}
	if _, err := (Ciphertext{Alpha: group.Generator()}).MarshalText(); err == nil {
		t.Error("half a ciphertext as text")
	}
}

func TestEncryptRefuses(t *testing.T) {
	pk, _ := testKey(t)
	for _, bit := range []int{-1, 2, 1 << 40} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("encrypting %d does not panic", bit)
				}
			}()
			Encrypt(pk, bit, group.NewSecret(group.NewScalar(1)))
		}()
	}
}

// Sums of ciphertexts are ciphertexts of sums, in every order.
func TestEncryptAndAdd(t *testing.T) {
	pk, x := testKey(t)
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SliceOfN(rapid.IntRange(0, 1), 0, 8).Draw(t, "bits")
		sum, back, count := Zero(), Zero(), uint64(0)
		var cs []Ciphertext
		for i, bit := range bits {
			r := group.HashToScalar("test nonce", []byte{byte(i), byte(rapid.IntRange(0, 255).Draw(t, "r"))})
			c := Encrypt(pk, bit, group.NewSecret(r))
			if !c.Alpha.Equal(group.MulBase(r)) || !opens(c, x).Equal(group.MulBase(group.NewScalar(uint64(bit)))) {
				t.Errorf("not an encryption of %d", bit)
			}
			cs, sum, count = append(cs, c), sum.Add(c), count+uint64(bit)
		}
		for i := range cs {
			back = cs[len(cs)-1-i].Add(back)
		}
		if !opens(sum, x).Equal(group.MulBase(group.NewScalar(count))) || !sum.Equal(back) {
			t.Errorf("the sum of %v does not open to %d", bits, count)
		}
	})
}

func TestCiphertextEqual(t *testing.T) {
	a, b := group.Generator(), group.MulBase(group.NewScalar(2))
	if (Ciphertext{a, b}).Equal(Ciphertext{a, a}) || (Ciphertext{a, b}).Equal(Ciphertext{b, b}) || !(Ciphertext{a, b}).Equal(Ciphertext{a, b}) {
		t.Error("equality looks at one half only")
	}
}

func FuzzCiphertextText(f *testing.F) {
	text, err := Zero().MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	pk, _ := testKey(f)
	if text, err = Encrypt(pk, 1, group.NewSecret(group.NewScalar(5))).MarshalText(); err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(bytes.ToUpper([]byte(group.Generator().String() + group.Generator().String())))
	f.Fuzz(func(t *testing.T, text []byte) {
		var c Ciphertext
		if c.UnmarshalText(text) != nil {
			return
		}
		if again, err := c.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("two texts of one ciphertext: %q and %q (%v)", text, again, err)
		}
	})
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(group.Generator().Bytes())
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, b []byte) {
		pk, err := ParsePublicKey(b)
		if err == nil && (!bytes.Equal(pk.Element().Bytes(), b) || pk.Element().IsIdentity()) {
			t.Errorf("%x is a key", b)
		}
	})
}
