package gallerytest

import "github.com/openreferendum/referendum/kiosk-ui/flow"

// Languages are the languages of the gallery's election, in the order of its
// manifest: those of a county, and one that shows that adding one is adding a
// file.
var languages = []string{"zh-Hant", "en", "id"}

// Languages returns the languages of the gallery's election.
func Languages() []string { return append([]string(nil), languages...) }

func text(zh, en, id string) flow.Text { return flow.Text{"zh-Hant": zh, "en": en, "id": id} }

// live, rehearsal and deck are the same election, meant otherwise.
func live() flow.Setup      { return election(flow.Live) }
func rehearsal() flow.Setup { return election(flow.Rehearsal) }
func deck() flow.Setup      { return election(flow.TestDeck) }

// election is the four national referendums of 18 December 2021 at a polling
// station of Lienchiang County. The Chinese texts are the Central Election
// Commission's.
func election(kind flow.Kind) flow.Setup {
	return flow.Setup{
		Kind:      kind,
		Title:     text("全國性公民投票 2021-12-18", "National referendums of 18 December 2021", "Referendum nasional 18 Desember 2021"),
		Station:   "09007-010-0001-0001",
		Place:     text("第1投票所 連江縣南竿鄉介壽村", "Polling station 1, Jieshou, Nangan, Lienchiang County", "TPS 1, Jieshou, Nangan, Kabupaten Lienchiang"),
		Election:  "5b3f0c8e91d24a7760be12f4a9c3d85e0f6e7b21c4d8a3905e1f7c62b8d4093a",
		Languages: Languages(),
		Questions: []flow.Question{nuclear, pork, sameDay, reef},
		Holder:    "A999999999",
	}
}

func yesOrNo() []flow.Option {
	return []flow.Option{
		{Label: text("同意", "agree", "setuju")},
		{Label: text("不同意", "disagree", "tidak setuju")},
		{Label: text("空白", "left blank", "dikosongkan"), Blank: true},
	}
}

var (
	nuclear = flow.Question{
		Title:    text("第17案 核四啟封商轉發電", "Case 17: Fourth Nuclear Power Plant", "Perkara 17: PLTN Keempat"),
		Text:     text("您是否同意核四啟封商轉發電？", "Do you agree that the Fourth Nuclear Power Plant be unsealed and operated commercially to generate electricity?", "Apakah Anda setuju segel PLTN Keempat dibuka dan pembangkit itu dioperasikan secara komersial?"),
		Proposer: text("領銜人：黃士修", "Proposer: Huang Shih-hsiu", "Pengusul: Huang Shih-hsiu"),
		Options:  yesOrNo(),
	}
	pork = flow.Question{
		Title: text("第18案 禁止進口萊克多巴胺豬肉", "Case 18: Ban on pork with ractopamine", "Perkara 18: Larangan daging babi berraktopamin"),
		Text: text("你是否同意政府應全面禁止進口含有萊克多巴胺之乙型受體素豬隻之肉品、內臟及其相關產製品？",
			"Do you agree that the Government should prohibit all imports of meat, offal and related products of pigs fed with the beta-agonist ractopamine?",
			"Apakah Anda setuju Pemerintah melarang seluruh impor daging, jeroan, dan produk terkait dari babi yang diberi pakan beta-agonis raktopamin?"),
		Proposer: text("領銜人：林為洲", "Proposer: Lin Wei-chou", "Pengusul: Lin Wei-chou"),
		Options:  yesOrNo(),
	}
	sameDay = flow.Question{
		Title: text("第19案 公投綁大選", "Case 19: Referendums on election days", "Perkara 19: Referendum pada hari pemilihan"),
		Text: text("你是否同意公民投票案公告成立後半年內，若該期間內遇有全國性選舉時，在符合公民投票法規定之情形下，公民投票應與該選舉同日舉行？",
			"Do you agree that a referendum be held on the day of a national election, if one falls within six months of its announcement and the Referendum Act is complied with?",
			"Apakah Anda setuju referendum diadakan pada hari pemilihan nasional, apabila pemilihan itu jatuh dalam enam bulan setelah pengumumannya dan Undang-Undang Referendum dipenuhi?"),
		Proposer: text("領銜人：江啟臣", "Proposer: Chiang Chi-chen", "Pengusul: Chiang Chi-chen"),
		Options:  yesOrNo(),
	}
	reef = flow.Question{
		Title: text("第20案 三接遷離桃園藻礁海域", "Case 20: Moving the third LNG terminal", "Perkara 20: Pemindahan terminal LNG ketiga"),
		Text: text("您是否同意中油第三天然氣接收站遷離桃園大潭藻礁海岸及海域？（即北起觀音溪出海口，南至新屋溪出海口之海岸，及由上述海岸最低潮線往外平行延伸五公里之海域）",
			"Do you agree that CPC's third liquefied natural gas terminal be moved away from the algal reef coast of Datan, Taoyuan, and its adjacent waters? (The coast from the mouth of the Guanyin River to the mouth of the Xinwu River, and the waters up to five kilometres from its lowest tide line.)",
			"Apakah Anda setuju terminal gas alam cair ketiga CPC dipindahkan dari pesisir terumbu alga Datan, Taoyuan, dan perairannya? (Pesisir dari muara Sungai Guanyin hingga muara Sungai Xinwu, dan perairan sampai lima kilometer dari garis surut terendahnya.)"),
		Proposer: text("領銜人：潘忠政", "Proposer: Pan Chong-zheng", "Pengusul: Pan Chong-zheng"),
		Options:  yesOrNo(),
	}
)

// chineseOnly has papers in one language, as counties may.
func chineseOnly() flow.Setup {
	s := live()
	s.Languages, s.Title, s.Place = []string{"zh-Hant"}, only(s.Title), only(s.Place)
	s.Questions = []flow.Question{{Title: only(nuclear.Title), Text: only(nuclear.Text), Proposer: only(nuclear.Proposer), Options: yesOrNo()}}
	return s
}

func only(t flow.Text) flow.Text { return flow.Text{"zh-Hant": t["zh-Hant"]} }

// long asks about articles of law in full: texts that do not fit a screen. The
// articles are those of the Constitution of the Republic of China.
func long() flow.Setup {
	s := live()
	s.Questions = []flow.Question{{
		Title:    text("人民權利義務條文之保留", "Keeping the articles on rights and duties", "Mempertahankan pasal tentang hak dan kewajiban"),
		Text:     text(articlesChinese, articlesEnglish, articlesIndonesian),
		Proposer: text("提案機關：連江縣議會", "Proposed by: Lienchiang County Council", "Diusulkan oleh: Dewan Kabupaten Lienchiang"),
		Options:  yesOrNo(),
	}}
	return s
}

const articlesChinese = `你是否同意下列條文應予保留？
第7條　中華民國人民，無分男女、宗教、種族、階級、黨派，在法律上一律平等。
第8條　人民身體之自由應予保障。除現行犯之逮捕由法律另定外，非經司法或警察機關依法定程序，不得逮捕拘禁。非由法院依法定程序，不得審問處罰。非依法定程序之逮捕、拘禁、審問、處罰，得拒絕之。
第9條　人民除現役軍人外，不受軍事審判。
第10條　人民有居住及遷徙之自由。
第11條　人民有言論、講學、著作及出版之自由。
第12條　人民有秘密通訊之自由。
第13條　人民有信仰宗教之自由。
第14條　人民有集會及結社之自由。
第15條　人民之生存權、工作權及財產權，應予保障。
第16條　人民有請願、訴願及訴訟之權。
第17條　人民有選舉、罷免、創制及複決之權。
第18條　人民有應考試、服公職之權。
第22條　凡人民之其他自由及權利，不妨害社會秩序公共利益者，均受憲法之保障。
第23條　以上各條列舉之自由權利，除為防止妨礙他人自由、避免緊急危難、維持社會秩序，或增進公共利益所必要者外，不得以法律限制之。`

const articlesEnglish = `Do you agree that the following articles be kept?
Article 7. All citizens of the Republic of China, irrespective of sex, religion, race, class, or party affiliation, shall be equal before the law.
Article 8. Personal freedom shall be guaranteed to the people. Except in case of flagrante delicto as provided by law, no person shall be arrested or detained otherwise than by a judicial or a police organ in accordance with the procedure prescribed by law. No person shall be tried or punished otherwise than by a law court in accordance with the procedure prescribed by law.
Article 9. Except those in active military service, no person shall be subject to trial by a military tribunal.
Article 10. The people shall have freedom of residence and of change of residence.
Article 11. The people shall have freedom of speech, teaching, writing and publication.
Article 12. The people shall have freedom of privacy of correspondence.
Article 13. The people shall have freedom of religious belief.
Article 14. The people shall have freedom of assembly and association.
Article 15. The right of existence, the right of work, and the right of property shall be guaranteed to the people.
Article 16. The people shall have the right of presenting petitions, lodging complaints, or instituting legal proceedings.
Article 17. The people shall have the right of election, recall, initiative and referendum.
Article 18. The people shall have the right of taking public examinations and of holding public offices.
Article 22. All other freedoms and rights of the people that are not detrimental to social order or public welfare shall be guaranteed under the Constitution.`

const articlesIndonesian = `Apakah Anda setuju pasal-pasal berikut dipertahankan?
Pasal 7. Seluruh warga negara, tanpa membedakan jenis kelamin, agama, ras, golongan, atau partai, sama kedudukannya di hadapan hukum.
Pasal 8. Kebebasan pribadi rakyat dijamin. Kecuali tertangkap tangan sebagaimana diatur undang-undang, tidak seorang pun boleh ditangkap atau ditahan selain oleh lembaga peradilan atau kepolisian menurut tata cara yang ditetapkan undang-undang.
Pasal 10. Rakyat bebas bertempat tinggal dan berpindah tempat tinggal.
Pasal 11. Rakyat bebas berbicara, mengajar, menulis, dan menerbitkan.
Pasal 12. Rakyat bebas berkomunikasi secara rahasia.
Pasal 13. Rakyat bebas memeluk agama.
Pasal 14. Rakyat bebas berkumpul dan berserikat.
Pasal 15. Hak hidup, hak bekerja, dan hak milik rakyat dijamin.
Pasal 16. Rakyat berhak mengajukan petisi, keberatan, dan gugatan.
Pasal 17. Rakyat berhak memilih, memberhentikan, berprakarsa, dan mengadakan referendum.
Pasal 18. Rakyat berhak mengikuti ujian negara dan memegang jabatan publik.
Pasal 22. Segala kebebasan dan hak lain yang tidak mengganggu ketertiban umum dijamin oleh Konstitusi.`
