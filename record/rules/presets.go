package rules

// of is the expression coefficient·count.
func of(coefficient Rational, count string) Expression { return Expression{{coefficient, count}} }

func all(cs ...Comparison) Rule {
	var r Rule
	for _, c := range cs {
		r.Conditions = append(r.Conditions, Condition{[]Comparison{c}})
	}
	return r
}

func option(id string) string { return OptionPrefix + id }

// Article29 is the rule of Article 29 of Taiwan's Referendum Act: more agree
// than disagree, and those who agree are at least a quarter of the registered
// voters.
func Article29(agree, disagree string) Rule {
	return all(
		Comparison{Left: of("1", option(agree)), Op: ">", Right: of("1", option(disagree))},
		Comparison{Left: of("4", option(agree)), Op: ">=", Right: of("1", Registered)},
	)
}

// ConstitutionalTaiwan is the rule for amendments of Taiwan's constitution
// (Additional Articles, Article 12): more than half of the registered voters
// agree.
func ConstitutionalTaiwan(agree string) Rule {
	return all(Comparison{Left: of("2", option(agree)), Op: ">", Right: of("1", Registered)})
}

// SimpleMajority passes when more agree than disagree (Ireland, Article 47.1 of
// the constitution).
func SimpleMajority(agree, disagree string) Rule {
	return all(Comparison{Left: of("1", option(agree)), Op: ">", Right: of("1", option(disagree))})
}

// DoubleMajority is the rule of Article 142 of the Swiss constitution: a
// majority of the votes, and of the cantons with their weights (needed is half
// of all weights, "23/2").
func DoubleMajority(agree, disagree string, cantons []Weight, needed Rational) Rule {
	r := SimpleMajority(agree, disagree)
	cantonal := SimpleMajority(agree, disagree).Conditions[0]
	cantonal.AnyOf[0].Districts = &Majority{Weights: cantons, Op: ">", Needed: needed}
	r.Conditions = append(r.Conditions, cantonal)
	return r
}

// DanishVeto is the rule of Section 42 of the Danish constitution: a bill falls
// only when a majority, and at least 30 per cent of the registered voters, are
// against it.
func DanishVeto(agree, disagree string) Rule {
	return Rule{[]Condition{{[]Comparison{
		{Left: of("1", option(agree)), Op: ">=", Right: of("1", option(disagree))},
		{Left: of("3", Registered), Op: ">", Right: of("10", option(disagree))},
	}}}}
}

// IrishVeto is the rule of Article 47.2 of the Irish constitution, for proposals
// other than amendments of it: a bill falls only when a majority, and at least
// a third of the registered voters, are against it.
func IrishVeto(agree, disagree string) Rule {
	return Rule{[]Condition{{[]Comparison{
		{Left: of("1", option(agree)), Op: ">=", Right: of("1", option(disagree))},
		{Left: of("1", Registered), Op: ">", Right: of("3", option(disagree))},
	}}}}
}

// Abrogative is the rule of Article 75 of the Italian constitution: more than
// half of the registered voters took part, and more agree than disagree.
func Abrogative(agree, disagree string) Rule {
	return all(
		Comparison{Left: of("2", Issued), Op: ">", Right: of("1", Registered)},
		Comparison{Left: of("1", option(agree)), Op: ">", Right: of("1", option(disagree))},
	)
}
