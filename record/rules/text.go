package rules

import "strings"

// Text returns the comparison in words, such as "4·agree >= registered":
// docs/spec/rules.md, Section 4.
func (c Comparison) Text() string {
	s := c.Left.Text() + " " + c.Op + " " + c.Right.Text()
	if c.Districts != nil {
		s = "weight of districts where " + s
	}
	return s
}

// Text returns the expression in words, such as "2·agree − disagree".
func (e Expression) Text() string {
	var s strings.Builder
	for i, t := range e {
		coefficient, negative := strings.CutPrefix(string(t.Coefficient), "-")
		switch {
		case negative && i == 0:
			s.WriteString("− ")
		case negative:
			s.WriteString(" − ")
		case i > 0:
			s.WriteString(" + ")
		}
		s.WriteString(t.text(coefficient))
	}
	return s.String()
}

// text is the term without its sign.
func (t Term) text(coefficient string) string {
	if t.Of == Constant {
		return coefficient
	}
	if coefficient == "1" {
		return t.name()
	}
	return coefficient + "·" + t.name()
}

// name is what Of names. An option's id stands without its prefix, unless it
// could be taken for a number or for another count.
func (t Term) name() string {
	id, ok := strings.CutPrefix(t.Of, OptionPrefix)
	if !ok || known(id, nil) || id[0] < 'a' {
		return t.Of
	}
	return id
}
