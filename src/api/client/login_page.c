/* SPDX-License-Identifier: EUPL-1.2 */

/* Client-server API, "Login fallback": a page that does the whole login for a client that knows
 * none of the flows, and hands it the session through window.matrixLogin.onLogin. What the query
 * names of a device goes into the login; the password goes nowhere else. */

#include "api/client/tables.h"
#include "api/page.h"

static const char FORM[] =
    "<form>\n"
    "<label>Identifiant ou adresse <span lang=\"en\">(user name or address)</span><br>\n"
    "<input name=\"user\" required autocomplete=\"username\" autofocus></label>\n"
    "<label>Mot de passe <span lang=\"en\">(password)</span><br>\n"
    "<input name=\"password\" type=\"password\" required "
    "autocomplete=\"current-password\"></label>\n"
    "<button type=\"submit\">Se connecter <span lang=\"en\">(Sign in)</span></button>\n"
    "<p role=\"alert\" hidden>La connexion n’a pas abouti. Vérifiez ce que vous avez saisi. <span "
    "lang=\"en\">Signing in did not work. Check what you typed.</span></p>\n"
    "</form>\n";

static const char SCRIPT[] =
    "const form=document.querySelector('form');"
    "const given=new URLSearchParams(location.search);"
    "form.onsubmit=async(event)=>{"
    "event.preventDefault();"
    "const user=form.elements.user.value,body={type:'m.login.password',"
    "password:form.elements.password.value,"
    "identifier:!user.startsWith('@')&&user.includes('@')"
    "?{type:'m.id.thirdparty',medium:'email',address:user}:{type:'m.id.user',user}};"
    "for(const name of['device_id','initial_device_display_name'])"
    "if(given.has(name))body[name]=given.get(name);"
    "const answer=await fetch('/_matrix/client/v3/login',"
    "{method:'POST',headers:{'Content-Type':'application/json'},body:JSON.stringify(body)});"
    "form.querySelector('[role=alert]').hidden=answer.ok;"
    "if(answer.ok&&window.matrixLogin)window.matrixLogin.onLogin(await answer.json());"
    "};";

static int get_page(struct request *rq)
{
    struct page page;
    page_begin(rq, STR("Se connecter"), &page);
    page_html(&page, FORM);
    page_script(&page, SCRIPT);
    page_end(&page);
    return API_DONE;
}

static const struct api_route routes[] = {
    {HTTP_GET, "/_matrix/static/client/login/", API_ACCESS_NOBODY, API_RATE_NONE, get_page,
     .flags = API_PAGE},
};
const struct api_table api_client_login_page = {routes, ARRAY_LEN(routes)};
