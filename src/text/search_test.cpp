// Goal: people find what they mean, in four languages, however they type it; nothing they type
// fails. Method: a small index of our own sentences; the counts are compared with a naive model.
#include <atalaya/text/search.hpp>

#include <algorithm>
#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atalaya/text/stem.hpp>

#include "synonyms.hpp"
#include "test_index.hpp"

namespace atalaya::text {
namespace {

SearchDocument doc(std::string id, Language language, std::string title, std::string body,
                   std::vector<Facet> facets = {}) {
  SearchDocument document;
  document.id = std::move(id);
  document.kind = "commitment";
  document.language = language;
  document.title = std::move(title);
  document.body = std::move(body);
  document.facets = std::move(facets);
  return document;
}

std::vector<SearchChange> sample() {
  using enum Language;
  return {
      doc("summit-1998-k3", en, "Illicit traffic in firearms",
          "Ports of entry will share what they learn about the tracing of guns that were seized.",
          {{"year", "1998"}, {"theme", "arms"}, {"theme", "borders"}}),
      doc("mispa-2008-p4", en, "Trafficking in persons",
          "Ministries will train officers who care for victims under the rule of law.",
          {{"year", "2008"}, {"theme", "victims"}}),
      doc("pns-2025-1", en, "Prisons", "Judges will visit prisons twice a year. The law rules.",
          {{"year", "2025"}, {"theme", "prisons"}}),
      doc("tax", en, "Offences against the treasury", "Organized groups evade the tax on tobacco.",
          {{"year", "2025"}}),
      doc("summit-1998-k3", es, "Tráfico ilícito de armas de fuego",
          "Los puertos de entrada compartirán lo que aprendan del rastreo de un arma incautada.",
          {{"year", "1998"}, {"theme", "arms"}}),
      doc("es-2", es, "Extorsión a comerciantes",
          "La policía abrirá una línea para denunciar la extorsión y el secuestro.",
          {{"year", "2008"}}),
      doc("es-3", es, "Información sobre pandillas", "Se publicarán cifras cada año.", {}),
      doc("pt-1", pt, "Convenção sobre armas",
          "Cada país vai ratificar as convenções e trocar "
          "informações com a polícia das fronteiras.",
          {{"year", "1998"}}),
      doc("pt-2", pt, "Ações contra a lavagem de dinheiro", "Os bancos comunicam operações.", {}),
      doc("fr-1", fr, "Démanteler les réseaux criminels",
          "Les États s'aident à suivre l'argent d'un réseau de passeurs.", {{"year", "2008"}}),
      doc("fr-2", fr, "Sécurité des frontières", "Des patrouilles communes sur les fleuves.", {}),
  };
}

std::vector<std::string> ids(const SearchResults& results) {
  std::vector<std::string> out;
  for (const SearchHit& hit : results.hits) {
    out.push_back(hit.id);
  }
  return out;
}

class SearchTest : public testing::Test {
 protected:
  void SetUp() override {
    index_ = open_index(dir_.path());
    const auto changes = sample();
    ASSERT_TRUE(index_->apply(changes, 11).has_value());
  }

  SearchResults ask(std::string text, Language language = Language::en) {
    SearchQuery query;
    query.text = std::move(text);
    query.language = language;
    return ask(query);
  }

  SearchResults ask(const SearchQuery& query) {
    auto results = index_->search(query);
    EXPECT_TRUE(results.has_value());
    return results.value_or(SearchResults{});
  }

  std::string first(std::string text, Language language) {
    const auto found = ids(ask(std::move(text), language));
    return found.empty() ? "" : found.front();
  }

  TemporaryDirectory dir_;
  std::unique_ptr<SearchIndex> index_;
};

TEST_F(SearchTest, FindsInflectionsAccentsAndCase) {
  struct Case {
    Language language;
    std::string_view query;
    std::string_view expected;
  };
  using enum Language;
  const Case cases[] = {
      {en, "trafficking persons", "mispa-2008-p4"},
      {en, "TRACE FIREARM", "summit-1998-k3"},
      {en, "firearms tracing", "summit-1998-k3"},
      {en, "the offense against the treasuries", "tax"},
      {en, "organised group", "tax"},
      {es, "armas", "summit-1998-k3"},
      {es, "arma", "summit-1998-k3"},
      {es, "trafico de armas", "summit-1998-k3"},
      {es, "TRÁFICO", "summit-1998-k3"},
      {es, "informacion", "es-3"},
      {es, "informaciones", "es-3"},
      {es, "la extorsion", "es-2"},
      {pt, "convenção", "pt-1"},
      {pt, "convenções", "pt-1"},
      {pt, "convencoes", "pt-1"},
      {pt, "convencao", "pt-1"},
      {pt, "ação", "pt-2"},
      {pt, "acoes", "pt-2"},
      {fr, "réseau", "fr-1"},
      {fr, "reseaux", "fr-1"},
      {fr, "l'État", "fr-1"},
      {fr, "securite", "fr-2"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(first(std::string(one.query), one.language), one.expected) << one.query;
  }
}

// Other forms of a word have its stem with accents, or the one without them, and not both.
TEST_F(SearchTest, FindsTheSameWithAndWithoutAccents) {
  using enum Language;

  struct Case {
    Language language;
    std::string_view written, other_form;
  };

  const Case cases[] = {{es, "fortalecerán", "fortalecer"}, {es, "policías", "policial"},
                        {es, "ciudadanía", "ciudadanías"},  {es, "jóvenes", "joven"},
                        {es, "debería", "deber"},           {pt, "cooperação", "cooperar"},
                        {pt, "legislações", "legislar"},    {pt, "fabricação", "fabricar"},
                        {fr, "organisée", "organiser"},     {fr, "criminalité", "criminel"},
                        {fr, "première", "premier"},        {fr, "coordonnées", "coordonner"}};
  std::vector<SearchChange> changes;
  for (const Case& one : cases) {
    for (const std::string_view word : {one.written, one.other_form}) {
      changes.push_back(doc(fmt::format("{}-{}", word, to_string(one.language)), one.language,
                            "Synthetic", std::string(word), {}));
    }
  }
  ASSERT_TRUE(index_->apply(changes, 12).has_value());
  for (const Case& one : cases) {
    const auto found = ids(ask(std::string(one.written), one.language));
    EXPECT_FALSE(found.empty()) << one.written;
    EXPECT_EQ(ids(ask(fold(one.written), one.language)), found) << one.written;
  }
}

TEST_F(SearchTest, FindsForeignTextByItsWordsAndNames) {
  SearchDocument document = doc("held-in-english", Language::pt, "",
                                "Ministers met in Port of Spain and will strengthen the maritime "
                                "surveillance of 14 islands.");
  document.body_language = Language::en;
  SearchDocument in_english = document;
  in_english.language = Language::en;
  const std::vector<SearchChange> changes{document, in_english};
  ASSERT_TRUE(index_->apply(changes, 12).has_value());
  const std::vector<std::string> found{"held-in-english"};
  EXPECT_EQ(ids(ask("surveillance", Language::pt)), found);
  EXPECT_EQ(ids(ask("\"Port of Spain\"", Language::pt)), found);
  EXPECT_EQ(ids(ask("\"14\" maritime", Language::pt)), found);
  EXPECT_EQ(ids(ask("a surveillance dos islands", Language::pt)), found);
  EXPECT_EQ(ask("surveillance", Language::pt).total, 1U);
  const auto shown = ask("surveillance", Language::pt);
  ASSERT_EQ(shown.hits.size(), 1U);
  EXPECT_EQ(shown.hits[0].kind, document.kind);
  EXPECT_TRUE(std::ranges::any_of(shown.hits[0].snippet, [](const Piece& piece) {
    return piece.hit && piece.text == "surveillance";
  })) << "shown from the text that the other index keeps";
  EXPECT_TRUE(ask("surveillance -maritime", Language::pt).hits.empty());
  EXPECT_TRUE(ask("\"Spain of Port\"", Language::pt).hits.empty());
  EXPECT_TRUE(ask("the", Language::pt).hits.empty()) << "a function word of the text's language";
  EXPECT_EQ(ask("maritme", Language::pt).corrected, "") << "no word for Portuguese readers";
  // In its own language it would correct, and stand in phrases.
  document.language = Language::en;
  document.body_language = Language::en;
  const std::vector<SearchChange> own{document, SearchRemoval{document.id, Language::pt}};
  ASSERT_TRUE(index_->apply(own, 13).has_value());
  EXPECT_EQ(ask("maritme").corrected, "maritime");
  EXPECT_EQ(ids(ask("\"strengthen the maritime surveillance\"")), found);
  EXPECT_TRUE(ask("surveillance", Language::pt).hits.empty());
}

TEST_F(SearchTest, CorrectsTypingMistakes) {
  auto results = ask("trafiking");
  EXPECT_EQ(results.corrected, "trafficking");
  EXPECT_EQ(ids(results).size(), 2U);
  results = ask("la extorcion", Language::es);
  EXPECT_EQ(results.corrected, "la extorsión") << "as texts write it";
  EXPECT_EQ(ids(results), std::vector<std::string>{"es-2"});
  EXPECT_EQ(ask("reseeux", Language::fr).corrected, "réseaux");
  EXPECT_EQ(ask("conveção", Language::pt).corrected, "convenção");
  EXPECT_EQ(ask("gunz").corrected, "") << "too short: any word of four letters has neighbours";
  EXPECT_EQ(ask("trafficking").corrected, "");
  EXPECT_EQ(ask("xylophone").corrected, "");
  EXPECT_EQ(ask("xylophone").total, 0U);
}

TEST_F(SearchTest, AllWordsFirstThenAny) {
  auto results = ask("firearms ports");
  EXPECT_EQ(ids(results), std::vector<std::string>{"summit-1998-k3"});
  EXPECT_TRUE(results.hits[0].matched_all);
  results = ask("traffic victims");
  EXPECT_EQ(ids(results), (std::vector<std::string>{"mispa-2008-p4", "summit-1998-k3"}));
  EXPECT_TRUE(results.used_fallback);
  EXPECT_TRUE(results.hits[0].matched_all);
  EXPECT_FALSE(results.hits[1].matched_all);
  EXPECT_EQ(results.total, 2U);
  SearchQuery second_page;
  second_page.text = "traffic victims";
  second_page.limit = 1;
  second_page.offset = 1;
  EXPECT_EQ(ids(ask(second_page)), std::vector<std::string>{"summit-1998-k3"});
}

TEST_F(SearchTest, LongQueriesFindByTheirRarestWords) {
  const auto results =
      ask("judges visit ministers ports officers tobacco treasury unheardof victims");
  EXPECT_TRUE(results.used_fallback);
  EXPECT_FALSE(results.hits.empty());
  const auto whole = ask("ports entry share learn tracing guns seized");
  EXPECT_EQ(ids(whole).front(), "summit-1998-k3");
  EXPECT_TRUE(whole.hits.front().matched_all);
}

TEST_F(SearchTest, KnowsPhrasesExclusionsAndIds) {
  EXPECT_EQ(ids(ask("\"rule of law\"")), std::vector<std::string>{"mispa-2008-p4"});
  EXPECT_EQ(ids(ask("“rule of law”")), std::vector<std::string>{"mispa-2008-p4"});
  EXPECT_TRUE(ids(ask("\"victims for care\"")).empty());
  EXPECT_EQ(ids(ask("\"trafico ilicito\"", Language::es)),
            std::vector<std::string>{"summit-1998-k3"});
  EXPECT_EQ(ids(ask("traffic -firearms")), std::vector<std::string>{"mispa-2008-p4"});
  EXPECT_EQ(ids(ask("traffic -\"trafficking in persons\"")),
            std::vector<std::string>{"summit-1998-k3"});
  EXPECT_EQ(ask("-prisons").total, 3U);
  EXPECT_EQ(ids(ask("summit-1998-k3")), std::vector<std::string>{"summit-1998-k3"});
  EXPECT_EQ(first("MISPA-2008-P4", Language::en), "mispa-2008-p4");
  EXPECT_EQ(first("prisons (mispa-2008-p4)", Language::en), "mispa-2008-p4");
}

TEST_F(SearchTest, TitleWeighsMoreThanBody) {
  const std::vector<SearchChange> changes{
      doc("in-body", Language::en, "Something else", "A canine unit at the border."),
      doc("in-title", Language::en, "Canine units", "Something else at the border."),
  };
  ASSERT_TRUE(index_->apply(changes, 12).has_value());
  EXPECT_EQ(ids(ask("canine")), (std::vector<std::string>{"in-title", "in-body"}));
}

TEST_F(SearchTest, BoostLiftsAmongEquals) {
  auto lifted = doc("b", Language::en, "Canine units", "The same.");
  lifted.boost = 3;
  const std::vector<SearchChange> changes{doc("a", Language::en, "Canine units", "The same."),
                                          lifted};
  ASSERT_TRUE(index_->apply(changes, 12).has_value());
  EXPECT_EQ(ids(ask("canine")), (std::vector<std::string>{"b", "a"}));
}

TEST_F(SearchTest, StopWordsAreNoHindrance) {
  const auto results = ask("de la", Language::es);
  EXPECT_TRUE(results.only_stop_words);
  EXPECT_EQ(results.total, 0U);
  EXPECT_EQ(first("la policía de los de la línea", Language::es), "es-2");
  EXPECT_FALSE(ask("").only_stop_words);
  EXPECT_EQ(ask("").total, 4U);
}

TEST_F(SearchTest, PrefixOfTheLastWord) {
  SearchQuery query;
  query.prefix_last = true;
  query.text = "traffi";
  EXPECT_EQ(ask(query).total, 2U);
  query.text = "firearms trac";
  EXPECT_EQ(ids(ask(query)), std::vector<std::string>{"summit-1998-k3"});
  query.text = "securit";
  query.language = Language::fr;
  const auto results = ask(query);
  EXPECT_EQ(ids(results), std::vector<std::string>{"fr-2"});
  ASSERT_FALSE(results.hits[0].title.empty());
  EXPECT_TRUE(results.hits[0].title[0].hit);
  EXPECT_EQ(results.hits[0].title[0].text, "Sécurité");
}

TEST_F(SearchTest, SnippetsMarkWordsWithoutAccents) {
  const auto results = ask("policia extorsion", Language::es);
  ASSERT_FALSE(results.hits.empty());
  std::vector<std::string> marked;
  std::string whole;
  for (const Piece& piece : results.hits[0].snippet) {
    whole += piece.text;
    if (piece.hit) {
      marked.push_back(piece.text);
    }
  }
  EXPECT_EQ(marked, (std::vector<std::string>{"policía", "extorsión"}));
  EXPECT_EQ(whole, "La policía abrirá una línea para denunciar la extorsión y el secuestro.");
}

TEST_F(SearchTest, FiltersAndFacets) {
  SearchQuery query;
  query.facets = {"year", "theme", "kind"};
  auto results = ask(query);
  EXPECT_EQ(results.facets["year"], (FacetCounts{{"2025", 2}, {"1998", 1}, {"2008", 1}}));
  EXPECT_EQ(results.facets["kind"], (FacetCounts{{"commitment", 4}}));
  query.filters = {{"year", "1998"}, {"year", "2008"}, {"theme", "arms"}};
  results = ask(query);
  EXPECT_EQ(ids(results), std::vector<std::string>{"summit-1998-k3"});
  // A facet ignores its own filter: both years of the chosen theme, all themes of the years.
  EXPECT_EQ(results.facets["year"], (FacetCounts{{"1998", 1}}));
  EXPECT_EQ(results.facets["theme"], (FacetCounts{{"arms", 1}, {"borders", 1}, {"victims", 1}}));
}

TEST_F(SearchTest, UpsertReplacesAndRemoveRemoves) {
  const std::vector<SearchChange> changes{
      doc("tax", Language::en, "Customs duties", "Nothing of the old text."),
      SearchRemoval{"pns-2025-1", std::nullopt},
      SearchRemoval{"summit-1998-k3", Language::es},
  };
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(index_->apply(changes, 12).has_value());
    EXPECT_EQ(index_->size(Language::en), 3U);
    EXPECT_EQ(index_->size(Language::es), 2U);
    EXPECT_EQ(ask("tobacco").total, 0U);
    EXPECT_EQ(ask("customs").total, 1U);
    EXPECT_EQ(ask("judges").total, 0U);
    // What nobody writes any more is not suggested.
    EXPECT_EQ(ask("tobaco").corrected, "");
    EXPECT_EQ(ask("summit-1998-k3").total, 1U);
  }
}

TEST_F(SearchTest, RefusesWhatItCannotHold) {
  auto bad = doc("", Language::en, "t", "b");
  const auto refused = [&] {
    const std::vector<SearchChange> changes{doc("fine", Language::en, "Fine", "Fine"), bad};
    const auto done = index_->apply(changes, 99);
    return !done && done.error().reason == "text.index.document";
  };
  EXPECT_TRUE(refused());
  bad.id = std::string(201, 'x');
  EXPECT_TRUE(refused());
  bad.id = "x";
  bad.title = "\xFF";
  EXPECT_TRUE(refused());
  bad.title = "t";
  bad.facets = {{"Year", "1"}};
  EXPECT_TRUE(refused());
  bad.facets = {{"year", ""}};
  EXPECT_TRUE(refused());
  bad.facets.clear();
  bad.boost = 0;
  EXPECT_TRUE(refused());
  bad.boost = 1;
  bad.body = std::string(kIndexedBytesMax, 'x');
  EXPECT_TRUE(refused());
  EXPECT_EQ(index_->position(), 11);
  EXPECT_EQ(index_->size(Language::en), 4U);
}

TEST_F(SearchTest, AnotherLanguagesFolderCopiedOverOneIsMadeAnew) {
  const auto english = index_->size(Language::en);
  index_.reset();
  const auto own = dir_.path() / "pt";
  std::filesystem::remove_all(own);
  std::filesystem::copy(dir_.path() / "en", own, std::filesystem::copy_options::recursive);
  index_ = open_index(dir_.path());
  EXPECT_EQ(index_->size(Language::pt), 0U);
  EXPECT_EQ(index_->size(Language::en), english);
  EXPECT_EQ(index_->position(), 0) << "what is behind is read again";
}

TEST_F(SearchTest, HostileQueriesAreQueries) {
  const std::string_view hostile[] = {
      "\"",
      "\"\"",
      "-",
      "--",
      "-\"",
      "\"unclosed phrase",
      "AND OR NOT ( ) NEAR/3 ADJ",
      "title:prison",
      "Qsummit-1998-k3",
      "*",
      "pris*",
      "a..b",
      "2008..2010",
      "~prison",
      "+prison",
      "\xFF\xFE",
      "\xC3",
      "%00",
      "<script>alert(1)</script>",
      "«",
      "-«rule of",
      "' OR 1=1 --",
      "- - -",
      "prison^2",
      "\xE2\x80\x8B",
      "\xEF\xBF\xBD",
      "🙂 🙂",
      "ﷺ",
  };
  for (const std::string_view text : hostile) {
    for (const Language language : kLanguages) {
      SearchQuery query;
      query.text = std::string(text) + std::string(1, '\0') + std::string(text);
      query.language = language;
      query.facets = {"year", "", "no such facet"};
      query.filters = {};
      EXPECT_TRUE(index_->search(query).has_value()) << text;
    }
  }
  std::string endless;
  for (int i = 0; i < 100'000; ++i) {
    endless += "prison ";
  }
  EXPECT_EQ(ask(endless).total, 1U);
  SearchQuery odd;
  odd.limit = 0;
  odd.offset = std::numeric_limits<std::size_t>::max();
  EXPECT_TRUE(ask(odd).hits.empty());
  odd.offset = 0;
  EXPECT_EQ(ask(odd).hits.size(), 1U);
  odd.filters = {{std::string(300, 'x'), std::string("\0", 1)}, {"", ""}};
  EXPECT_EQ(ask(odd).total, 0U);
}

TEST(Search, SnippetsAreWellFormedWindows) {
  TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  std::string body;
  for (int i = 0; i < 400; ++i) {
    body += i == 250 ? "La sécurité des frontières. " : "Éléments àüöß çãõ 漢字 d'autres mots. ";
  }
  const std::vector<SearchChange> changes{doc("long", Language::fr, "Rien", body)};
  ASSERT_TRUE(index->apply(changes, 1).has_value());
  SearchQuery query;
  query.text = "securite frontiere";
  query.language = Language::fr;
  const auto results = index->search(query);
  ASSERT_TRUE(results.has_value());
  ASSERT_EQ(results->hits.size(), 1U);
  std::string whole;
  std::size_t hits = 0;
  for (const Piece& piece : results->hits[0].snippet) {
    EXPECT_FALSE(find_invalid_utf8(piece.text).has_value());
    whole += piece.text;
    hits += piece.hit ? 1U : 0U;
  }
  EXPECT_EQ(hits, 2U);
  EXPECT_TRUE(whole.starts_with("… "));
  EXPECT_TRUE(whole.ends_with(" …"));
  EXPECT_LT(whole.size(), kSnippetBytes + 100);
  EXPECT_GT(whole.size(), kSnippetBytes - 60);
}

RC_GTEST_PROP(Search, PiecesJoinToTheText, (const std::string& noise)) {
  // Highlighting neither loses nor invents a byte of the text.
  const std::string text = noise + " tráfico de armas " + noise;
  std::string joined;
  bool hit = false;
  for (const Piece& piece : highlight(text, "ARMA trafico", Language::es)) {
    joined += piece.text;
    hit = hit || piece.hit;
    RC_ASSERT(!piece.text.empty());
  }
  RC_ASSERT(joined == text);
  RC_ASSERT(hit);
}

// One document of the naive model: which of the words a..f it has, and its facets.
struct Model {
  std::vector<std::size_t> words;
  std::vector<Facet> facets;
};

RC_GTEST_PROP(Search, CountsEqualANaiveModel, ()) {
  static const std::vector<std::string> kWords{"harbour", "weapon", "judge",
                                               "river",   "police", "victim"};
  const auto some_of = [](std::size_t n) {
    const auto bits = *rc::gen::inRange(0U, 1U << n);
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < n; ++i) {
      if ((bits >> i & 1U) != 0) {
        out.push_back(i);
      }
    }
    return out;
  };
  const auto number = *rc::gen::inRange(0, 40);
  std::vector<Model> models;
  std::vector<SearchChange> changes;
  for (int i = 0; i < number; ++i) {
    Model model;
    model.words = some_of(kWords.size());
    for (const char* name : {"year", "theme"}) {
      for (const std::size_t value : some_of(4)) {
        model.facets.emplace_back(name, std::to_string(value));
      }
    }
    std::string body;
    for (const std::size_t w : model.words) {
      body += kWords[w] + " ";
    }
    changes.push_back(doc(std::to_string(i), Language::en, "Untitled", body, model.facets));
    models.push_back(std::move(model));
  }
  TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  RC_ASSERT(index->apply(changes, 1).has_value());

  SearchQuery query;
  query.limit = kHitsMax;
  query.facets = {"year", "theme"};
  const std::size_t asked = *rc::gen::inRange<std::size_t>(0, kWords.size());
  query.text = kWords[asked];
  for (const char* name : {"year", "theme"}) {
    for (const std::size_t value : some_of(4)) {
      query.filters.emplace_back(name, std::to_string(value));
    }
  }
  const auto passes = [&](const Model& model, std::string_view except) {
    for (const char* name : {"year", "theme"}) {
      bool filtered = false;
      bool has = false;
      for (const Facet& filter : query.filters) {
        filtered = filtered || filter.first == name;
        has = has || (filter.first == name && std::ranges::count(model.facets, filter) != 0);
      }
      if (filtered && !has && name != except) {
        return false;
      }
    }
    return std::ranges::count(model.words, asked) != 0;
  };
  std::size_t total = 0;
  std::map<std::string, std::map<std::string, std::size_t>> counts;
  for (const Model& model : models) {
    total += passes(model, "") ? 1U : 0U;
    for (const auto& [name, value] : model.facets) {
      if (passes(model, name)) {
        ++counts[name][value];
      }
    }
  }
  const auto results = index->search(query);
  RC_ASSERT(results.has_value());
  RC_ASSERT(results->total_exact);
  RC_ASSERT(results->total == total);
  RC_ASSERT(results->hits.size() == total);
  for (const char* name : {"year", "theme"}) {
    const FacetCounts& got = results->facets.at(name);
    const std::map<std::string, std::size_t> as_map(got.begin(), got.end());
    RC_ASSERT(as_map == counts[name]);
    RC_ASSERT(
        std::ranges::is_sorted(got, std::greater<>{}, [](const auto& c) { return c.second; }));
  }
}

// Whatever the field calls it: every name of a line finds the texts that have any other.
TEST(SearchSynonyms, EveryNameFindsTheOthers) {
  TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  std::vector<SearchChange> changes;
  std::size_t line = 0;
  for (const SynonymLine& one : kSynonymLines) {
    std::size_t number = 0;
    for (const std::string_view name : split(one.names, '|')) {
      changes.emplace_back(doc(fmt::format("{}-{}", line, number++), one.language, "Synthetic",
                               fmt::format("Xxxx {} yyyy.", name)));
    }
    ++line;
  }
  ASSERT_TRUE(index->apply(changes, 1).has_value());
  line = 0;
  for (const SynonymLine& one : kSynonymLines) {
    const auto names = split(one.names, '|');
    for (const std::string_view name : names) {
      SearchQuery query;
      query.text = name;
      query.language = one.language;
      query.every_word = true;
      const auto found = index->search(query);
      ASSERT_TRUE(found.has_value());
      const auto of_line = std::ranges::count_if(found->hits, [&](const SearchHit& hit) {
        return hit.id.starts_with(fmt::format("{}-", line));
      });
      EXPECT_EQ(static_cast<std::size_t>(of_line), names.size()) << name;
      EXPECT_TRUE(found->corrected.empty()) << name;
    }
    ++line;
  }
}

TEST(SearchSynonyms, WordsAskedForComeFirstAndQuotesAndSlipsKeepTheirMeaning) {
  using enum Language;
  TemporaryDirectory dir;
  const auto index = open_index(dir.path());
  const std::vector<SearchChange> changes = {
      doc("a", es, "Sintético", "Prevenir los delitos cibernéticos en los puertos sintéticos."),
      doc("b", es, "Sintético", "Combatir la ciberdelincuencia en los puertos sintéticos."),
      doc("c", es, "Sintético", "El delito y, en otro lugar, un ataque cibernético sintético."),
      doc("d", es, "Sintético", "Castigar el tráfico ilícito de drogas sintéticas.")};
  ASSERT_TRUE(index->apply(changes, 1).has_value());
  const auto ask = [&](std::string text) {
    SearchQuery query;
    query.text = std::move(text);
    query.language = es;
    query.every_word = true;
    return index->search(query).value_or(SearchResults());
  };
  EXPECT_EQ(ids(ask("ciberdelito")).size(), 2U) << "no text has that very word";
  EXPECT_EQ(ids(ask("ciberdelincuencia")).at(0), "b");
  EXPECT_EQ(ids(ask("delito cibernetico puertos")).size(), 2U);
  EXPECT_TRUE(ids(ask("\"ciberdelito\"")).empty());
  EXPECT_EQ(ids(ask("narcotrafico")), std::vector<std::string>{"d"});
  const auto slip = ask("ciberdelincuensia");
  EXPECT_EQ(slip.corrected, "ciberdelincuencia");
  EXPECT_EQ(ids(slip).size(), 2U);
  const auto marked = ask("ciberdelito").hits.at(0).snippet;
  EXPECT_TRUE(std::ranges::any_of(marked, &Piece::hit));
}

}  // namespace
}  // namespace atalaya::text
