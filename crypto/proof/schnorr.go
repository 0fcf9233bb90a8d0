package proof

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/openreferendum/referendum/crypto/group"
	"github.com/openreferendum/referendum/crypto/transcript"
)

// A Knowledge proves that its maker knows x with X = [x]B: the Schnorr proof of
// docs/spec/crypto.md, Algorithm 5.2, as commitment R and response v, 64 bytes.
type Knowledge struct {
	r group.Element
	v group.Scalar
}

// KnowledgeSize is the length in bytes of an encoded Knowledge.
const KnowledgeSize = 2 * group.Size

// ProveKnowledge proves knowledge of x in the given context, which is hashed.
func ProveKnowledge(rand io.Reader, context []byte, x group.Secret) (Knowledge, error) {
	k, err := group.RandomScalar(rand)
	if err != nil {
		return Knowledge{}, err
	}
	secret := x.Reveal()
	r := group.MulBase(k)
	c := knowledgeChallenge(context, group.MulBase(secret), r)
	return Knowledge{r, k.Add(c.Mul(secret))}, nil
}

// VerifyKnowledge reports whether [v]B = R + [c]X. The zero Knowledge proves
// nothing.
func VerifyKnowledge(context []byte, public group.Element, p Knowledge) bool {
	if p.r.IsZero() || public.IsZero() {
		return false
	}
	c := knowledgeChallenge(context, public, p.r)
	return group.MulBase(p.v).Equal(p.r.Add(public.Mul(c)))
}

func knowledgeChallenge(context []byte, public, r group.Element) group.Scalar {
	t := transcript.New("knowledge").Bytes(context).Bytes(public.Bytes()).Bytes(r.Bytes())
	return group.HashToScalar("referendum-v1-knowledge", t.Message())
}

// MarshalText returns R ‖ v in lower-case hexadecimal.
func (p Knowledge) MarshalText() ([]byte, error) {
	if p.r.IsZero() {
		return nil, errors.New("proof of knowledge: missing")
	}
	return []byte(hex.EncodeToString(append(p.r.Bytes(), p.v.Bytes()...))), nil
}

// UnmarshalText decodes what MarshalText made; R must not be the identity.
func (p *Knowledge) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != KnowledgeSize || hex.EncodeToString(b) != string(text) {
		return fmt.Errorf("proof of knowledge: not %d lower-case hexadecimal digits", 2*KnowledgeSize)
	}
	r, err := group.ParseNonIdentity(b[:group.Size])
	if err != nil {
		return fmt.Errorf("proof of knowledge: %w", err)
	}
	v, err := group.ParseScalar(b[group.Size:])
	if err != nil {
		return fmt.Errorf("proof of knowledge: %w", err)
	}
	*p = Knowledge{r, v}
	return nil
}
