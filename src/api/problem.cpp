#include "problem.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include <atalaya/base/json.hpp>

namespace atalaya::api {
namespace {

struct Texts {
  std::string_view en, es, pt, fr;
};

struct ReasonTexts {
  std::string_view reason;
  Texts texts;
};

struct StatusTexts {
  int status;
  Texts title;
  Texts message;
};

std::string_view in(const Texts& texts, Language language) noexcept {
  switch (language) {
    case Language::en:
      return texts.en;
    case Language::es:
      return texts.es;
    case Language::pt:
      return texts.pt;
    case Language::fr:
      return texts.fr;
  }
  return texts.en;
}

constexpr StatusTexts kStatuses[] = {
    {400,
     {"Bad request", "Solicitud incorrecta", "Solicitação incorreta", "Requête incorrecte"},
     {"The request has an error. Check the address and what was sent.",
      "La solicitud tiene un error. Revise la dirección y lo que se envió.",
      "A solicitação tem um erro. Verifique o endereço e o que foi enviado.",
      "La requête contient une erreur. Vérifiez l'adresse et ce qui a été envoyé."}},
    {401,
     {"Sign in needed", "Debe iniciar sesión", "É preciso entrar", "Connexion nécessaire"},
     {"Sign in, or send a valid API token.", "Inicie sesión o envíe una clave de API válida.",
      "Entre na sua conta ou envie uma chave de API válida.",
      "Connectez-vous ou envoyez un jeton d'API valide."}},
    {403,
     {"Not allowed", "No permitido", "Não permitido", "Non autorisé"},
     {"Your account may not do this. Ask the administrator of this node for the role.",
      "Su cuenta no puede hacer esto. Pida el rol a quien administra este nodo.",
      "Sua conta não pode fazer isto. Peça o papel a quem administra este nó.",
      "Votre compte ne peut pas faire cela. Demandez le rôle à l'administrateur de ce nœud."}},
    {404,
     {"Not found", "No encontrado", "Não encontrado", "Introuvable"},
     {"There is nothing at this address. Check it, or search for what you need.",
      "No hay nada en esta dirección. Revísela o busque lo que necesita.",
      "Não há nada neste endereço. Verifique-o ou pesquise o que precisa.",
      "Il n'y a rien à cette adresse. Vérifiez-la ou recherchez ce qu'il vous faut."}},
    {405,
     {"Method not allowed", "Método no permitido", "Método não permitido", "Méthode non permise"},
     {"This address does not accept this method; the Allow header names those it does.",
      "Esta dirección no acepta este método; el encabezado Allow nombra los que acepta.",
      "Este endereço não aceita este método; o cabeçalho Allow indica os que aceita.",
      "Cette adresse n'accepte pas cette méthode ; l'en-tête Allow indique celles admises."}},
    {408,
     {"Too slow", "Demasiado lento", "Lento demais", "Trop lent"},
     {"The request did not arrive in time. Send it again, perhaps in smaller parts.",
      "La solicitud no llegó a tiempo. Envíela de nuevo, quizá en partes más pequeñas.",
      "A solicitação não chegou a tempo. Envie-a de novo, talvez em partes menores.",
      "La requête n'est pas arrivée à temps. Renvoyez-la, peut-être en parties plus petites."}},
    {409,
     {"Conflict", "Conflicto", "Conflito", "Conflit"},
     {"Somebody changed this in the meantime, or its state does not allow it. Load it again.",
      "Alguien lo cambió mientras tanto o su estado no lo permite. Vuelva a cargarlo.",
      "Alguém o alterou nesse meio-tempo ou seu estado não permite. Carregue-o de novo.",
      "Quelqu'un l'a modifié entre-temps ou son état ne le permet pas. Rechargez-le."}},
    {413,
     {"Too large", "Demasiado grande", "Grande demais", "Trop volumineux"},
     {"What was sent is larger than this address accepts. Send less, or in parts.",
      "Lo enviado supera lo que acepta esta dirección. Envíe menos o en partes.",
      "O que foi enviado é maior do que este endereço aceita. Envie menos ou em partes.",
      "L'envoi dépasse ce que cette adresse accepte. Envoyez moins, ou en plusieurs parties."}},
    {415,
     {"Wrong media type", "Tipo de contenido incorrecto", "Tipo de conteúdo incorreto",
      "Type de contenu incorrect"},
     {"This address does not read this kind of content.",
      "Esta dirección no lee este tipo de contenido.",
      "Este endereço não lê este tipo de conteúdo.",
      "Cette adresse ne lit pas ce type de contenu."}},
    {421,
     {"Another name", "Otro nombre", "Outro nome", "Autre nom"},
     {"This node does not answer under this name. Use the address that its operator gave; who "
      "operates it adds names to host_names in node.toml.",
      "Este nodo no responde con este nombre. Use la dirección que dio quien lo opera; los nombres "
      "se agregan en host_names de node.toml.",
      "Este nó não responde por este nome. Use o endereço dado por quem o opera; os nomes são "
      "acrescentados em host_names de node.toml.",
      "Ce nœud ne répond pas sous ce nom. Prenez l'adresse donnée par son exploitant ; les noms "
      "s'ajoutent dans host_names de node.toml."}},
    {429,
     {"Too many requests", "Demasiadas solicitudes", "Solicitações demais", "Trop de requêtes"},
     {"Wait a moment and try again.", "Espere un momento e inténtelo de nuevo.",
      "Espere um momento e tente de novo.", "Attendez un instant et réessayez."}},
    {500,
     {"Our error", "Error nuestro", "Erro nosso", "Erreur de notre part"},
     {"Something failed on this node. Tell its administrator the request number.",
      "Algo falló en este nodo. Indique el número de solicitud a quien lo administra.",
      "Algo falhou neste nó. Informe o número da solicitação a quem o administra.",
      "Une erreur s'est produite sur ce nœud. Donnez le numéro de requête à l'administrateur."}},
    {501,
     {"Not in this version", "No disponible en esta versión", "Não disponível nesta versão",
      "Absent de cette version"},
     {"This version of the program does not do this.",
      "Esta versión del programa no hace esto.", "Esta versão do programa não faz isto.",
      "Cette version du programme ne le fait pas."}},
    {503,
     {"Busy", "Ocupado", "Ocupado", "Occupé"},
     {"This node is busy or a part of it is not available. Try again in a moment.",
      "Este nodo está ocupado o una parte no está disponible. Inténtelo en un momento.",
      "Este nó está ocupado ou uma parte não está disponível. Tente em um momento.",
      "Ce nœud est occupé ou une partie n'est pas disponible. Réessayez dans un instant."}},
    {504,
     {"Took too long", "Tardó demasiado", "Demorou demais", "Trop long"},
     {"The outcome is not known. Look whether it was done before you try again.",
      "No se conoce el resultado. Compruebe si se hizo antes de intentarlo de nuevo.",
      "O resultado não é conhecido. Verifique se foi feito antes de tentar de novo.",
      "Le résultat n'est pas connu. Vérifiez si cela a été fait avant de réessayer."}},
};

constexpr ReasonTexts kReasons[] = {
    {"api.scope",
     {"This API token lacks the scope {scope}. Make a token that has it.",
      "A esta clave de API le falta el alcance {scope}. Cree una que lo tenga.",
      "Falta a esta chave de API o escopo {scope}. Crie uma que o tenha.",
      "Il manque à ce jeton d'API la portée {scope}. Créez un jeton qui l'a."}},
    {"api.cross_site",
     {"The request came from another site. Open this node's own page and try again.",
      "La solicitud vino de otro sitio. Abra la página de este nodo e inténtelo de nuevo.",
      "A solicitação veio de outro site. Abra a página deste nó e tente de novo.",
      "La requête venait d'un autre site. Ouvrez la page de ce nœud et réessayez."}},
    {"api.csrf",
     {"The form is too old or came from elsewhere. Load the page again and repeat.",
      "El formulario es antiguo o vino de otro lugar. Vuelva a cargar la página y repita.",
      "O formulário é antigo ou veio de outro lugar. Recarregue a página e repita.",
      "Le formulaire est trop ancien ou vient d'ailleurs. Rechargez la page et recommencez."}},
    {"api.param.unknown",
     {"There is no parameter '{name}' here. Check its spelling.",
      "No existe aquí el parámetro '{name}'. Revise cómo está escrito.",
      "Não existe aqui o parâmetro '{name}'. Verifique a grafia.",
      "Il n'y a pas de paramètre '{name}' ici. Vérifiez son orthographe."}},
    {"api.param.missing",
     {"The parameter '{name}' is needed.", "Falta el parámetro '{name}'.",
      "Falta o parâmetro '{name}'.", "Le paramètre '{name}' est nécessaire."}},
    {"api.param.repeated",
     {"The parameter '{name}' may stand only once.", "El parámetro '{name}' va una sola vez.",
      "O parâmetro '{name}' só pode aparecer uma vez.",
      "Le paramètre '{name}' ne peut figurer qu'une fois."}},
    {"api.param.bad",
     {"The parameter '{name}' must be {expected}.", "El parámetro '{name}' debe ser {expected}.",
      "O parâmetro '{name}' deve ser {expected}.", "Le paramètre '{name}' doit être {expected}."}},
    {"api.cursor",
     {"This cursor belongs to another list or is damaged. Start again without it.",
      "Este cursor es de otra lista o está dañado. Comience de nuevo sin él.",
      "Este cursor é de outra lista ou está danificado. Comece de novo sem ele.",
      "Ce curseur vient d'une autre liste ou est abîmé. Recommencez sans lui."}},
    {"api.body.media_type",
     {"Send the content as {expected}.", "Envíe el contenido como {expected}.",
      "Envie o conteúdo como {expected}.", "Envoyez le contenu en {expected}."}},
    {"api.body.unknown_field",
     {"There is no field '{field}'. Check its spelling.",
      "No existe el campo '{field}'. Revise cómo está escrito.",
      "Não existe o campo '{field}'. Verifique a grafia.",
      "Il n'y a pas de champ '{field}'. Vérifiez son orthographe."}},
    {"api.body.missing_field",
     {"The field '{field}' is needed.", "Falta el campo '{field}'.", "Falta o campo '{field}'.",
      "Le champ '{field}' est nécessaire."}},
    {"api.body.wrong_type",
     {"The field '{field}' must be {expected}.", "El campo '{field}' debe ser {expected}.",
      "O campo '{field}' deve ser {expected}.", "Le champ '{field}' doit être {expected}."}},
    {"base.json.bad",
     {"The content is not JSON: line {line}, column {column}.",
      "El contenido no es JSON: línea {line}, columna {column}.",
      "O conteúdo não é JSON: linha {line}, coluna {column}.",
      "Le contenu n'est pas du JSON : ligne {line}, colonne {column}."}},
    {"api.idempotency.reused",
     {"This Idempotency-Key was used for another request. Use a new one.",
      "Esta Idempotency-Key se usó en otra solicitud. Use una nueva.",
      "Esta Idempotency-Key foi usada em outra solicitação. Use uma nova.",
      "Cette Idempotency-Key a servi à une autre requête. Prenez-en une nouvelle."}},
    {"api.idempotency.running",
     {"The first request with this Idempotency-Key is still running. Ask again in a moment.",
      "La primera solicitud con esta Idempotency-Key sigue en curso. Espere un momento.",
      "A primeira solicitação com esta Idempotency-Key ainda está em curso. Espere um momento.",
      "La première requête avec cette Idempotency-Key est en cours. Attendez un instant."}},
    {"api.idempotency.bad",
     {"Idempotency-Key must be 1 to 120 visible characters.",
      "Idempotency-Key debe tener de 1 a 120 caracteres visibles.",
      "Idempotency-Key deve ter de 1 a 120 caracteres visíveis.",
      "Idempotency-Key doit compter de 1 à 120 caractères visibles."}},
};

const StatusTexts* find_status(int status) noexcept {
  for (const StatusTexts& entry : kStatuses) {
    if (entry.status == status) {
      return &entry;
    }
  }
  return nullptr;
}

void add_problem_headers(const Problem& problem, http::Response& response) {
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("Content-Language", to_string(problem.language));
  if (problem.status == 429 || problem.status == 503) {
    const auto said =
        std::ranges::find(problem.params, "minutes", [](const auto& param) { return param.first; });
    response.headers.set_default(
        "Retry-After",
        said == problem.params.end() ? "2" : std::to_string(60 * std::atoll(said->second.c_str())));
  }
  if (problem.status == 401) {
    response.headers.set_default("WWW-Authenticate", "Bearer");
  }
}

}  // namespace

int status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument:
      return 400;
    case ErrorCode::unauthenticated:
      return 401;
    case ErrorCode::permission_denied:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::conflict:
      return 409;
    case ErrorCode::exhausted:
      return 429;
    case ErrorCode::internal:
    case ErrorCode::data_loss:
      return 500;
    case ErrorCode::unimplemented:
      return 501;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::deadline_exceeded:
      return 504;
  }
  return 500;
}

std::string_view title_of(int status, Language language) noexcept {
  const StatusTexts* entry = find_status(status);
  return entry != nullptr ? in(entry->title, language) : http::status_phrase(status);
}

std::string_view builtin_message(std::string_view reason, Language language) noexcept {
  for (const ReasonTexts& entry : kReasons) {
    if (entry.reason == reason) {
      return in(entry.texts, language);
    }
  }
  return {};
}

std::string_view generic_message(int status, Language language) noexcept {
  const StatusTexts* entry = find_status(status);
  return in((entry != nullptr ? *entry : *find_status(status >= 500 ? 500 : 400)).message,
            language);
}

std::string fill_placeholders(std::string_view text, const MessageParams& params) {
  std::string out;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      break;
    }
    out += text.substr(0, open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    std::string_view value = text.substr(open, close - open + 1);
    for (const auto& [key, given] : params) {
      value = key == name ? std::string_view(given) : value;
    }
    out += value;
    text.remove_prefix(close + 1);
  }
  out += text;
  return out;
}

http::Response problem_response(const Problem& problem) {
  json::object object{{"type", fmt::format("urn:atalaya:problem:{}", problem.reason)},
                      {"title", problem.title},
                      {"status", problem.status},
                      {"detail", problem.detail},
                      {"reason", problem.reason},
                      {"request_id", problem.request_id}};
  if (!problem.params.empty()) {
    json::object params;
    for (const auto& [name, value] : problem.params) {
      params[name] = value;
    }
    object["params"] = std::move(params);
  }
  http::Response response =
      http::respond(problem.status, "application/problem+json", json::serialize(object));
  add_problem_headers(problem, response);
  return response;
}

http::Response problem_text(const Problem& problem) {
  http::Response response =
      http::respond(problem.status, "text/plain",
                    fmt::format("{}\n\n{}\n\n{}\n", problem.title, problem.detail,
                                problem.request_id));
  add_problem_headers(problem, response);
  return response;
}

}  // namespace atalaya::api
