// Goal: what may lead to a person is marked, whatever its letters, and places, offices and common
// words are not; what deceives the eye is taken out. Method: synthetic texts with labels.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atalaya/commitments/catalogue.hpp>
#include <atalaya/followup/participation.hpp>

#include "followup_fixture.hpp"

namespace atalaya::followup {
namespace {

TEST(PersonalDataTest, finds_what_leads_to_a_person_and_leaves_offices_alone) {
  const auto catalogue = commitments::Catalogue::embedded();
  const auto kinds = [&](std::string_view text) {
    std::string out;
    for (const Finding& one : find_personal_data(text, *catalogue)) {
      out += one.kind + ":" + one.text + ";";
    }
    return out;
  };
  EXPECT_EQ(kinds("La víctima, María José de la Cruz, vive allí."), "name:María José de la Cruz;");
  EXPECT_EQ(kinds("O suspeito João Gonçalves fugiu"), "name:João Gonçalves;");
  EXPECT_EQ(kinds("according to J. Smith"), "name:J. Smith;");
  // Letters of another script, drawn alike.
  EXPECT_EQ(kinds("la víctima Juаna Pеrez Gomez"), "name:Juаna Pеrez Gomez;");
  EXPECT_EQ(kinds("escriba a a.b@example.org o al +507 6612-3456"),
            "email:a.b@example.org;phone:+507 6612-3456;");
  EXPECT_EQ(kinds("escriba a a.b@example.org."), "email:a.b@example.org;");
  EXPECT_EQ(kinds("DNI 12.345.678 y CPF 123.456.789-09"),
            "number:12.345.678;number:123.456.789-09;");
  EXPECT_EQ(kinds("CURP GOML800101HDFRRS09"), "number:GOML800101HDFRRS09;");
  for (const char* clean :
       {"El Ministerio de Seguridad Pública publicó el plan el 2024-03-15.",
        "In 2019-2023 the budget was $12,345,678 in Costa Rica and El Salvador.",
        "La Organización de los Estados Americanos y la Convención de Belém do Pará.",
        "The Firearms Protocol entered into force; see resolution 55/255."}) {
    EXPECT_EQ(kinds(clean), "") << clean;
  }
}

// Synthetic: what strangers might write, with the names that a moderator must see, "|" between
// them. Names in small letters, in capitals, in four languages and of several peoples; places,
// offices and common words that look like names. See
// docs/guides/participation.md.
constexpr std::pair<std::string_view, std::string_view> kLabelled[] = {
    {"la víctima maría josé pérez vive en el barrio san juan", "maría josé pérez"},
    {"el sospechoso juan mamani quispe huyó hacia oruro", "juan mamani quispe"},
    {"dijeron que carlos andrés restrepo cobraba el dinero", "carlos andrés restrepo"},
    {"detuvieron a luis hernandez y a su hermano pedro", "luis hernandez|pedro"},
    {"EL DETENIDO JUAN CARLOS PÉREZ FUE LIBERADO", "JUAN CARLOS PÉREZ"},
    {"según testigos, rosa méndez fue amenazada", "rosa méndez"},
    {"La señora Quispe pidió protección a la policía.", "Quispe"},
    {"don eusebio choque denunció el hecho", "eusebio choque"},
    {"la menor yesenia no volvió a la escuela", "yesenia"},
    {"Ayer Brayan Stiven Cuesta fue llevado a la estación.", "Brayan Stiven Cuesta"},
    {"la hija de doña mercedes guamán declaró", "mercedes guamán"},
    {"Se sabe que Wilmer Epiayú Uriana fue herido.", "Wilmer Epiayú Uriana"},
    {"alias ramón, jefe de la zona, no fue detenido", "ramón"},
    {"El Ministro Juan Pérez no respondió a la carta.", "Juan Pérez"},
    {"Santiago Córdoba fue visto en Cali.", "Santiago Córdoba"},
    {"vimos a Xiomara Castillo en la audiencia", "Xiomara Castillo"},
    {"las hermanas lucía y fernanda villalobos desaparecieron", "fernanda villalobos"},
    {"o suspeito joão da silva fugiu para o interior", "joão da silva"},
    {"a vítima ana beatriz souza mora em Recife", "ana beatriz souza"},
    {"Segundo relatos, Raimundo Nonato foi ameaçado.", "Raimundo Nonato"},
    {"prenderam thiago ferreira sem mandado", "thiago ferreira"},
    {"o irmão, wellington santos, é testemunha", "wellington santos"},
    {"a menina jaqueline foi levada pelos tios", "jaqueline"},
    {"DONA MARIA DAS GRAÇAS OLIVEIRA NÃO FOI OUVIDA", "MARIA DAS GRAÇAS OLIVEIRA"},
    {"os policiais procuram edson e marcos pereira", "marcos pereira"},
    {"the victim john smith was never told of the hearing", "john smith"},
    {"officers held Dwayne Marcus Baptiste for nine days", "Dwayne Marcus Baptiste"},
    {"my sister keisha saw everything", "keisha"},
    {"the accused, kevin williams, is out on bail", "kevin williams"},
    {"They said J. Ramdin paid for it.", "J. Ramdin"},
    {"mr persaud refused to sign", "persaud"},
    {"we spoke to deborah and to sunita ramnarine", "sunita ramnarine"},
    {"la victime marie claire joseph habite à Jacmel", "marie claire joseph"},
    {"le suspect jean pierre louis est en fuite", "jean pierre louis"},
    {"mme desrosiers a porté plainte deux fois", "desrosiers"},
    {"Selon des voisins, Widline Saintil a disparu.", "Widline Saintil"},
    {"le témoin françois tremblay n'a pas été entendu", "françois tremblay"},
    {"monsieur etienne est mort en détention", "etienne"},
    {"Hermelinda Chuquimia y Tomás Yujra firmaron la carta.", "Hermelinda Chuquimia|Tomás Yujra"},
    {"wilson okoye was beaten by guards", "wilson okoye"},
    // No name of a person.
    {"El Ministerio Público de Santa Cruz de la Sierra no publicó el informe.", ""},
    {"En San José, San Juan y Santa Fe no hubo reuniones en julio de 2024.", ""},
    {"el marco legal no fue consultado con las comunidades", ""},
    {"la paz y la esperanza de los santos lugares", ""},
    {"dolores de espalda, rosas blancas y flores del campo", ""},
    {"Puerto Príncipe y Port-au-Prince son la misma ciudad.", ""},
    {"The Port of Spain Declaration was adopted in Trinidad and Tobago.", ""},
    {"Buenos Aires, Nuevo León y Rio Grande do Sul publicaron datos.", ""},
    {"Norte de Santander y Valle del Cauca tienen plan; Francisco Morazán no.", ""},
    {"O Rio de Janeiro e o Mato Grosso do Sul não responderam.", ""},
    {"A Lei Maria da Penha não é citada.", ""},
    {"la cruz roja y la media luna roja atendieron a los heridos", ""},
    {"The Royal Gazette and the Annual Report of the Attorney General", ""},
    {"Le Plan national de sécurité citoyenne n'existe pas.", ""},
    {"Les départements de l'Artibonite et de la Grande Anse ont répondu.", ""},
    {"Baja California Sur et Quintana Roo n'ont rien publié.", ""},
    {"will the state report in may or in june, and who will bill whom?", ""},
    {"on a clear day in august the grant was frank and rich in hope", ""},
    {"El Plan Cuadrante de la Policía Nacional no llega al Barrio Lourdes.", ""},
    {"Ciudad Juárez, Villa El Salvador y Puerto Montt", ""},
    {"la victoria de la ley y el consuelo de las familias", ""},
    {"No se cumplió lo prometido en la Cumbre de Santiago de 1998.", ""},
    {"The Bogotá Protocol and the Budapest Convention are named twice.", ""},
    {"os santos, a luz e a graça da festa de junho", ""},
    {"São Paulo e Santa Catarina, Espírito Santo e Minas Gerais", ""},
    {"Saint Lucia, Saint Kitts and Nevis and New Brunswick reported.", ""},
    {"La Ley Orgánica y el Código Penal no cambiaron.", ""},
    {"Mi comunidad espera desde el abril pasado", ""}};

TEST(PersonalDataTest, finds_names_whatever_their_letters_and_leaves_places) {
  const auto catalogue = commitments::Catalogue::embedded();
  std::size_t labels = 0;
  std::size_t seen = 0;
  std::size_t marked = 0;
  std::size_t right = 0;
  std::size_t clean = 0;
  std::size_t clean_kept = 0;
  std::string missed;
  std::string wrong;
  for (const auto& [text, names] : kLabelled) {
    const auto found = find_personal_data(text, *catalogue);
    std::vector<std::string_view> wanted = split(names, '|');
    std::erase(wanted, "");
    for (const std::string_view name : wanted) {
      const bool there =
          std::ranges::any_of(found, [&](const Finding& one) { return one.text.contains(name); });
      ++labels;
      seen += there ? 1U : 0U;
      missed += there ? "" : fmt::format("\n  {} in: {}", name, text);
    }
    for (const Finding& one : found) {
      const bool is_one = std::ranges::any_of(
          wanted, [&](std::string_view name) { return one.text.contains(name); });
      ++marked;
      right += is_one ? 1U : 0U;
      wrong += is_one ? "" : fmt::format("\n  {} in: {}", one.text, text);
    }
    clean += wanted.empty() ? 1U : 0U;
    clean_kept += wanted.empty() && found.empty() ? 1U : 0U;
  }
  const std::string said = fmt::format(
      "names found {} of {}, marked {} of which names {}, clean texts unmarked {} of {}"
      "\nmissed:{}\nwrong:{}",
      seen, labels, marked, right, clean_kept, clean, missed, wrong);
  RecordProperty("measure", said);
  EXPECT_GE(10 * seen, 9 * labels) << said;   // recall
  EXPECT_GE(10 * right, 9 * marked) << said;  // precision
  EXPECT_GE(10 * clean_kept, 9 * clean) << said;
}

// Courts and police write surnames first, in capitals.
TEST(PersonalDataTest, finds_surnames_before_a_comma) {
  const auto catalogue = commitments::Catalogue::embedded();
  const auto found = [&](const std::string& text) {
    std::string out;
    for (const Finding& finding : find_personal_data(text, *catalogue)) {
      out += (out.empty() ? "" : " | ") + finding.kind + ": " + finding.text;
    }
    return out;
  };
  for (const std::string name :
       {"GARCÍA, Pedro", "PÉREZ GÓMEZ, Juan", "DELGADO ARAÚZ, KEVIN", "MORALES VEGA, ANA",
        "FERNÁNDEZ DE SOTO, Carlos Luis", "HERRERA, Rosa", "YUPANKI, Wayra", "Herrera, Kevin"}) {
    EXPECT_TRUE(found("El anexo menciona a " + name + " en la página doce.").contains(name))
        << name;
  }
  for (const std::string none :
       {"Según la OEA, Panamá informó.", "En PANAMÁ, Colombia y Perú hubo talleres.",
        "La CICAD, Ginebra, envió el informe.", "COSTA RICA, Nicaragua",
        "PLAN NACIONAL, Capítulo dos"}) {
    EXPECT_EQ(found(none), "") << none;
  }
}

TEST(CleanTextTest, takes_out_what_deceives_the_eye) {
  EXPECT_EQ(must(clean_text("a\u202Eb\u200Bc\x01 \U000E0041d", Lines::one)), "abc d");
  EXPECT_EQ(must(clean_text("a\r\nb\rc\td", Lines::many)), "a\nb\nc d");
  EXPECT_EQ(must(clean_text("Subject: x\r\nBcc: y", Lines::one)), "Subject: x Bcc: y");
  std::string tower = "e";
  for (int i = 0; i < 50; ++i) {
    tower += "\u0301";
  }
  EXPECT_EQ(must(clean_text(tower, Lines::one)), "e\u0301\u0301\u0301");
  EXPECT_EQ(must(clean_text("Ñandú, ação, île", Lines::one)), "Ñandú, ação, île");
  EXPECT_EQ(reason_of(clean_text("\xff", Lines::one)), "followup.text");
}

}  // namespace
}  // namespace atalaya::followup
