// Package locale holds every word that the kiosk's screens show or speak, one
// file per language. Adding a language is adding a file, named after its tag
// (BCP 47). A language for which package i18n knows no plurals, such as Hakka, is
// named as a variety of one: zh-Hant-x-hakka.
//
// Words of the election (questions, answers, names) are the manifest's, and
// words on paper are package slip's.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed *.json
var files embed.FS

// Fallback is the language whose words stand in for words that a language
// lacks.
const Fallback = "en"

// A Book has the words of all languages.
type Book struct {
	bundle     *i18n.Bundle
	languages  []string
	localizers map[string]*i18n.Localizer // of languages
}

// Open reads all languages.
func Open() (*Book, error) { return open(files) }

func open(files fs.FS) (*Book, error) {
	b := &Book{bundle: i18n.NewBundle(language.Make(Fallback))}
	b.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := b.bundle.LoadMessageFileFS(files, name); err != nil {
			return nil, fmt.Errorf("reading the words of %s: %w", name, err)
		}
		b.languages = append(b.languages, strings.TrimSuffix(name, ".json"))
	}
	slices.Sort(b.languages)
	b.localizers = map[string]*i18n.Localizer{}
	for _, tag := range b.languages {
		b.localizers[tag] = i18n.NewLocalizer(b.bundle, tag, Fallback)
	}
	return b, nil
}

// Languages returns the tags of all languages (BCP 47), sorted.
func (b *Book) Languages() []string { return slices.Clone(b.languages) }

// Find returns the language whose words serve for another tag, such as zh-Hant
// for zh-TW, and whether there is one.
func (b *Book) Find(tag string) (string, bool) {
	if slices.Contains(b.languages, tag) {
		return tag, true
	}
	var tags []language.Tag
	for _, l := range b.languages {
		tags = append(tags, language.Make(l))
	}
	wanted, err := language.Parse(tag)
	if err != nil || len(tags) == 0 {
		return "", false
	}
	_, i, how := language.NewMatcher(tags).Match(wanted)
	return b.languages[i], how >= language.High
}

// Args fill the places of a message, such as {{.N}}.
type Args map[string]any

// Say returns a message in a language. One that the language lacks is said in
// Fallback; one that nobody has is its name, which a test finds.
func (b *Book) Say(language, id string, args Args) string {
	localizer, there := b.localizers[language]
	if !there {
		localizer = i18n.NewLocalizer(b.bundle, language, Fallback)
	}
	s, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: args})
	if s == "" && err != nil {
		return id
	}
	return s
}

// Has reports whether any language has a message.
func (b *Book) Has(id string) bool {
	_, err := i18n.NewLocalizer(b.bundle, Fallback).Localize(&i18n.LocalizeConfig{MessageID: id})
	return err == nil
}
