// Goal: what a reader takes for one word is one word, in four languages, with and without accents;
// offsets point at the words. Sentences and words are our own.
#include <atalaya/text/stem.hpp>

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::text {
namespace {

bool same(std::string_view a, std::string_view b, Language language) {
  const auto left = tokenize_stemmed(a, language);
  const auto right = tokenize_stemmed(b, language);
  if (left.size() != 1 || right.size() != 1) {
    return false;
  }
  const auto meets = [&](const std::string& stem) {
    return !stem.empty() && (stem == right[0].stem || stem == right[0].alternative);
  };
  return meets(left[0].stem) || meets(left[0].alternative);
}

struct Pair {
  Language language;
  std::string_view a;
  std::string_view b;
};

TEST(Stem, TakesInflectionsForOneWord) {
  const Pair pairs[] = {
      {Language::en, "trafficking", "traffic"},
      {Language::en, "traffickers", "TRAFFIC"},
      {Language::en, "firearms", "firearm"},
      {Language::en, "tracing", "trace"},
      {Language::en, "organised", "organized"},
      {Language::en, "organisation", "organizations"},
      {Language::en, "analyse", "analyze"},
      {Language::en, "offences", "offense"},
      {Language::en, "labour", "labor"},
      {Language::en, "women", "woman"},
      {Language::en, "programmes", "program"},
      {Language::es, "armas", "arma"},
      {Language::es, "redes", "red"},
      {Language::es, "leyes", "ley"},
      {Language::es, "países", "pais"},
      {Language::es, "delitos", "delito"},
      {Language::es, "víctimas", "victima"},
      {Language::es, "mujeres", "mujer"},
      {Language::es, "bandas", "banda"},
      {Language::es, "militares", "militar"},
      {Language::es, "autores", "autor"},
      {Language::es, "poderes", "poder"},
      {Language::pt, "militares", "militar"},
      {Language::pt, "menores", "menor"},
      {Language::pt, "armas", "arma"},
      {Language::pt, "leis", "lei"},
      {Language::pt, "fuzis", "fuzil"},
      {Language::pt, "jovens", "jovem"},
      {Language::pt, "homens", "homem"},
      {Language::pt, "mulheres", "mulher"},
      {Language::pt, "policiais", "policial"},
      {Language::pt, "responsáveis", "responsavel"},
      {Language::pt, "redes", "rede"},
      {Language::pt, "países", "pais"},
      {Language::pt, "crimes", "crime"},
      {Language::fr, "armes", "arme"},
      {Language::fr, "délinquants", "delinquant"},
      {Language::fr, "frontières", "frontiere"},
      {Language::fr, "victimes", "victime"},
      {Language::fr, "États", "etat"},
      {Language::en, "authorising", "authorization"},
      {Language::en, "analyses", "analysis"},
      {Language::en, "supervision", "supervise"},
      {Language::en, "laundering", "launder"},
      {Language::en, "policies", "policy"},
      {Language::en, "borders", "border"},
      {Language::es, "tráfico", "trafico"},
      {Language::es, "TRÁFICO", "tráficos"},
      {Language::es, "informaciones", "información"},
      {Language::es, "información", "informacion"},
      {Language::es, "extorsiones", "extorsion"},
      {Language::es, "prevención", "prevencion"},
      {Language::es, "niñez", "ninez"},
      {Language::pt, "convenção", "convenções"},
      {Language::pt, "convenção", "convencoes"},
      {Language::pt, "CONVENÇÕES", "convencao"},
      {Language::pt, "ações", "ação"},
      {Language::pt, "acoes", "ação"},
      {Language::pt, "cidadãos", "cidadao"},
      {Language::pt, "nacionais", "nacional"},
      {Language::pt, "extorsões", "extorsão"},
      {Language::pt, "informações", "informacao"},
      {Language::fr, "réseaux", "réseau"},
      {Language::fr, "reseaux", "réseau"},
      {Language::fr, "traités", "traite"},
      {Language::fr, "sécurité", "securite"},
      {Language::fr, "criminelles", "criminel"},
      {Language::fr, "nationaux", "national"},
      // The same word in composed and decomposed form, and with a soft hyphen from a PDF.
      {Language::es,
       "tra\xCC\x81"
       "fico",
       "tráfico"},
      {Language::en,
       "traf\xC2\xAD"
       "ficking",
       "trafficking"},
  };
  for (const Pair& pair : pairs) {
    EXPECT_TRUE(same(pair.a, pair.b, pair.language))
        << pair.a << " -> " << stem_word(pair.a, pair.language) << ", " << pair.b << " -> "
        << stem_word(pair.b, pair.language);
  }
}

TEST(Stem, KeepsDifferentWordsApart) {
  EXPECT_FALSE(same("universities", "universal", Language::en));
  EXPECT_TRUE(same("universities", "university", Language::en));
  EXPECT_FALSE(same("organs", "organizations", Language::en));
  EXPECT_FALSE(same("leis", "lenço", Language::pt));
  EXPECT_FALSE(same("justice", "police", Language::en));
  EXPECT_FALSE(same("brick", "bric", Language::en));
  EXPECT_FALSE(same("arma", "armario", Language::es));
  EXPECT_FALSE(same("sécurité", "secours", Language::fr));
}

TEST(Stem, FeminineNounsOnAoMeetTheMasculine) {
  for (const auto& [left, right] : {std::pair{"cidada", "cidadãos"},
                                    {"cidada", "cidadã"},
                                    {"cidadas", "cidadão"},
                                    {"cidadãs", "cidadao"},
                                    {"artesãs", "artesãos"},
                                    {"irma", "irmãos"}}) {
    EXPECT_TRUE(same(left, right, Language::pt)) << left << " " << right;
  }
  EXPECT_FALSE(same("cidada", "cidade", Language::pt));
  EXPECT_EQ(same("coordenada", "coordenador", Language::pt),
            same("coordenadas", "coordenador", Language::pt));
}

TEST(Stem, AccentsOfCommonEndingsNeedNoSecondTerm) {
  for (const auto& [word, language] : {std::pair{"información", Language::es},
                                       {"extorsiones", Language::es},
                                       {"convenções", Language::pt},
                                       {"violência", Language::pt},
                                       {"responsáveis", Language::pt},
                                       {"legislação", Language::pt},
                                       {"legislações", Language::pt},
                                       {"organisée", Language::fr},
                                       {"premières", Language::fr},
                                       {"tráfico", Language::pt}}) {
    EXPECT_EQ(tokenize_stemmed(word, language).at(0).alternative, "") << word;
  }
}

TEST(Stem, SpanishPluralsOnEnesMeetTheirSingular) {
  for (const auto& [left, right] : {std::pair{"jóvenes", "joven"},
                                    {"crimenes", "crimen"},
                                    {"órdenes", "orden"},
                                    {"imágenes", "imagen"}}) {
    EXPECT_TRUE(same(left, right, Language::es)) << left;
  }
}

TEST(Stem, SplitsAtApostropheHyphenAndBadBytes) {
  const std::string_view text =
      "L'armée anti-drogue\xFF"
      "2008, État";
  const auto tokens = tokenize_stemmed(text, Language::fr);
  std::vector<std::string> words;
  for (const Token& token : tokens) {
    words.push_back(token.word);
  }
  EXPECT_EQ(words, (std::vector<std::string>{"l", "armee", "anti", "drogue", "2008", "etat"}));
  EXPECT_EQ(text.substr(tokens[1].begin, tokens[1].end - tokens[1].begin), "armée");
  EXPECT_EQ(text.substr(tokens[5].begin, tokens[5].end - tokens[5].begin), "État");
  EXPECT_TRUE(tokens[0].stop);
  EXPECT_FALSE(tokens[1].stop);
}

TEST(Stem, KnowsFunctionWords) {
  EXPECT_TRUE(is_stop_word("The", Language::en));
  EXPECT_TRUE(is_stop_word("según", Language::es));
  EXPECT_TRUE(is_stop_word("não", Language::pt));
  EXPECT_TRUE(is_stop_word("À", Language::fr));
  EXPECT_FALSE(is_stop_word("US", Language::en));
  EXPECT_FALSE(is_stop_word("the", Language::es));
  EXPECT_FALSE(is_stop_word("", Language::en));
}

TEST(Stem, CutsEndlessWords) {
  const std::string endless(100'000, 'x');
  const auto tokens = tokenize_stemmed(endless, Language::en);
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_LE(tokens[0].word.size(), kWordBytesMax);
  EXPECT_EQ(tokens[0].end, endless.size());
}

RC_GTEST_PROP(Stem, OffsetsAreOrderedAndOnCharacterBounds, (const std::string& noise)) {
  const std::string text = noise + "ção " + noise + " réseaux" + noise;
  for (const Language language : kLanguages) {
    std::size_t last = 0;
    for (const Token& token : tokenize_stemmed(text, language)) {
      RC_ASSERT(token.begin >= last);
      RC_ASSERT(token.begin < token.end);
      RC_ASSERT(token.end <= text.size());
      RC_ASSERT(!token.stem.empty());
      RC_ASSERT(!token.word.empty());
      RC_ASSERT(token.word.size() <= kWordBytesMax);
      RC_ASSERT(token.stem.size() <= kWordBytesMax);
      RC_ASSERT(token.alternative.size() <= kWordBytesMax);
      RC_ASSERT(
          !find_invalid_utf8(std::string_view(text).substr(token.begin, token.end - token.begin)));
      last = token.end;
    }
  }
}

}  // namespace
}  // namespace atalaya::text
