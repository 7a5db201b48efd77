// Goal: sentences and headings of the four languages are told apart, what is neither or both is
// left open. Sentences are our own.
#include <atalaya/text/language.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atalaya::text {
namespace {

struct Case {
  std::optional<Language> language;
  std::string_view text;
};

TEST(Language, TellsTheFourApart) {
  using enum Language;
  const Case cases[] = {
      {en, "The ministers will meet again next year to review what has been done."},
      {es, "Los ministros volverán a reunirse el próximo año para examinar lo que se ha hecho."},
      {pt, "Os ministros vão se reunir de novo no próximo ano para examinar o que foi feito."},
      {fr, "Les ministres se réuniront l'année prochaine pour examiner ce qui a été fait."},
      {en, "Tracing and marking of firearms"},
      {es, "Fortalecimiento de la cooperación judicial"},
      {pt, "Fortalecimento da cooperação judicial"},
      {fr, "Renforcement de la coopération judiciaire"},
      {en, "Strengthening the rule of law"},
      {es, "Prevención del delito y seguridad ciudadana"},
      {pt, "Prevenção do crime e segurança dos cidadãos"},
      {fr, "Prévention du crime et sécurité des citoyens"},
      // Without accents, as old files are written.
      {es,
       "Los Estados se comprometen a fortalecer las instituciones y la policia con el fin de "
       "que sean mas eficaces."},
      {pt,
       "Os Estados vao fortalecer as instituicoes e a policia com o fim de que sejam mais "
       "eficazes em seu trabalho."},
      {fr,
       "Les Etats vont renforcer les institutions et la police afin qu'elles soient plus "
       "efficaces dans leur travail."},
      // A Spanish sentence that names an English programme stays Spanish.
      {es,
       "El programa \"Partners for the Police\" fue presentado por los países que lo "
       "financian."},
      {std::nullopt, "Tráfico de armas"},
      {std::nullopt, ""},
      {std::nullopt, "2008"},
      {std::nullopt, "OEA/Ser.L/XIV.2.40"},
      {std::nullopt, "\xFF\xFE\x80"},
      {std::nullopt,
       "Die Minister treffen sich im nächsten Jahr wieder, um zu prüfen, was "
       "inzwischen geschehen ist."},
      {std::nullopt, "各国部长明年将再次开会审查已经完成的工作"},
  };
  for (const Case& one : cases) {
    const auto got = detect_language(one.text);
    EXPECT_EQ(got, one.language) << one.text << " -> " << (got ? to_string(*got) : "nothing");
  }
}

TEST(Language, ReadsTheSourceDocuments) {
  // All five source documents are written in English.
  const char* shared = std::getenv("ATALAYA_SHARED");
  const std::filesystem::path dir =
      std::filesystem::path(shared != nullptr ? shared : ATALAYA_SOURCE_DIR "/../shared") /
      "documents";
  if (!std::filesystem::is_directory(dir)) {
    GTEST_SKIP() << "no source documents at " << dir << "; set ATALAYA_SHARED";
  }
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() == ".txt") {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(in)), {});
      EXPECT_EQ(detect_language(text), Language::en) << entry.path();
    }
  }
}

RC_GTEST_PROP(Language, NoTextFails, (const std::string& text)) {
  (void)detect_language(text);
}

}  // namespace
}  // namespace atalaya::text
