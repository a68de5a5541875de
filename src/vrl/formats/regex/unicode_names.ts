// The names of Unicode's classes of characters that patterns can use: in each entry the name that JavaScript knows,
// and the other names after it. Names are compared without case, blanks, `_` and `-`.

/** Values of General_Category. */
export const CATEGORIES = `
  Cased_Letter/lc Close_Punctuation/pe Connector_Punctuation/pc Control/cc/cntrl Currency_Symbol/sc
  Dash_Punctuation/pd Decimal_Number/digit/nd Enclosing_Mark/me Final_Punctuation/pf Format/cf
  Initial_Punctuation/pi Letter/l Letter_Number/nl Line_Separator/zl Lowercase_Letter/ll Mark/combiningmark/m
  Math_Symbol/sm Modifier_Letter/lm Modifier_Symbol/sk Nonspacing_Mark/mn Number/n Open_Punctuation/ps Other/c
  Other_Letter/lo Other_Number/no Other_Punctuation/po Other_Symbol/so Paragraph_Separator/zp Private_Use/co
  Punctuation/p/punct Separator/z Space_Separator/zs Spacing_Mark/mc Surrogate/cs Symbol/s Titlecase_Letter/lt
  Unassigned/cn Uppercase_Letter/lu`;

/** Values of Script and Script_Extensions. */
export const SCRIPTS = `
  Adlam/adlm Ahom Anatolian_Hieroglyphs/hluw Arabic/arab Armenian/armn Avestan/avst Balinese/bali Bamum/bamu
  Bassa_Vah/bass Batak/batk Bengali/beng Bhaiksuki/bhks Bopomofo/bopo Brahmi/brah Braille/brai Buginese/bugi
  Buhid/buhd Canadian_Aboriginal/cans Carian/cari Caucasian_Albanian/aghb Chakma/cakm Cham Cherokee/cher
  Chorasmian/chrs Common/zyyy Coptic/copt/qaac Cuneiform/xsux Cypriot/cprt Cypro_Minoan/cpmn Cyrillic/cyrl
  Deseret/dsrt Devanagari/deva Dives_Akuru/diak Dogra/dogr Duployan/dupl Egyptian_Hieroglyphs/egyp Elbasan/elba
  Elymaic/elym Ethiopic/ethi Garay/gara Georgian/geor Glagolitic/glag Gothic/goth Grantha/gran Greek/grek
  Gujarati/gujr Gunjala_Gondi/gong Gurmukhi/guru Gurung_Khema/gukh Han/hani Hangul/hang Hanifi_Rohingya/rohg
  Hanunoo/hano Hatran/hatr Hebrew/hebr Hiragana/hira Imperial_Aramaic/armi Inherited/qaai/zinh
  Inscriptional_Pahlavi/phli Inscriptional_Parthian/prti Javanese/java Kaithi/kthi Kannada/knda Katakana/kana Kawi
  Kayah_Li/kali Kharoshthi/khar Khitan_Small_Script/kits Khmer/khmr Khojki/khoj Khudawadi/sind Kirat_Rai/krai
  Lao/laoo Latin/latn Lepcha/lepc Limbu/limb Linear_A/lina Linear_B/linb Lisu Lycian/lyci Lydian/lydi Mahajani/mahj
  Makasar/maka Malayalam/mlym Mandaic/mand Manichaean/mani Marchen/marc Masaram_Gondi/gonm Medefaidrin/medf
  Meetei_Mayek/mtei Mende_Kikakui/mend Meroitic_Cursive/merc Meroitic_Hieroglyphs/mero Miao/plrd Modi Mongolian/mong
  Mro/mroo Multani/mult Myanmar/mymr Nabataean/nbat Nag_Mundari/nagm Nandinagari/nand New_Tai_Lue/talu Newa Nko/nkoo
  Nushu/nshu Nyiakeng_Puachue_Hmong/hmnp Ogham/ogam Ol_Chiki/olck Ol_Onal/onao Old_Hungarian/hung Old_Italic/ital
  Old_North_Arabian/narb Old_Permic/perm Old_Persian/xpeo Old_Sogdian/sogo Old_South_Arabian/sarb Old_Turkic/orkh
  Old_Uyghur/ougr Oriya/orya Osage/osge Osmanya/osma Pahawh_Hmong/hmng Palmyrene/palm Pau_Cin_Hau/pauc Phags_Pa/phag
  Phoenician/phnx Psalter_Pahlavi/phlp Rejang/rjng Runic/runr Samaritan/samr Saurashtra/saur Sharada/shrd
  Shavian/shaw Siddham/sidd SignWriting/sgnw Sinhala/sinh Sogdian/sogd Sora_Sompeng/sora Soyombo/soyo Sundanese/sund
  Sunuwar/sunu Syloti_Nagri/sylo Syriac/syrc Tagalog/tglg Tagbanwa/tagb Tai_Le/tale Tai_Tham/lana Tai_Viet/tavt
  Takri/takr Tamil/taml Tangsa/tnsa Tangut/tang Telugu/telu Thaana/thaa Thai Tibetan/tibt Tifinagh/tfng Tirhuta/tirh
  Todhri/todr Toto Tulu_Tigalari/tutg Ugaritic/ugar Unknown/zzzz Vai/vaii Vithkuqi/vith Wancho/wcho Warang_Citi/wara
  Yezidi/yezi Yi/yiii Zanabazar_Square/zanb`;

/** Properties that a character has or has not. */
export const PROPERTIES = `
  ASCII_Hex_Digit/ahex Alphabetic/alpha Bidi_Control/bidic Bidi_Mirrored/bidim Case_Ignorable/ci Cased
  Changes_When_Casefolded/cwcf Changes_When_Casemapped/cwcm Changes_When_Lowercased/cwl Changes_When_Titlecased/cwt
  Changes_When_Uppercased/cwu Dash Default_Ignorable_Code_Point/di Deprecated/dep Diacritic/dia Emoji
  Emoji_Component/ecomp Emoji_Modifier/emod Emoji_Modifier_Base/ebase Emoji_Presentation/epres
  Extended_Pictographic/extpict Extender/ext Grapheme_Base/grbase Grapheme_Extend/grext Hex_Digit/hex
  IDS_Binary_Operator/idsb IDS_Trinary_Operator/idst ID_Continue/idc ID_Start/ids Ideographic/ideo
  Join_Control/joinc Logical_Order_Exception/loe Lowercase/lower Math Noncharacter_Code_Point/nchar
  Pattern_Syntax/patsyn Pattern_White_Space/patws Quotation_Mark/qmark Radical Regional_Indicator/ri
  Sentence_Terminal/sterm Soft_Dotted/sd Terminal_Punctuation/term Unified_Ideograph/uideo Uppercase/upper
  Variation_Selector/vs White_Space/space/wspace XID_Continue/xidc XID_Start/xids`;
