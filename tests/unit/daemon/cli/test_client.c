/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and what becomes of them, over both ways to a daemon: each test runs with libevent and with libcurl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/cli/client.h"
#include "daemon/cli/plain_host.h"
#include "tests/unit/daemon/cli/scripted_server.h"

#define JSON_HEAD    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define GOOD         JSON_HEAD "Content-Length: 8\r\n\r\n{\"a\": 1}"
#define UPLOAD_BYTES (3u << 20)
#define MANY_WAITS   2

static const char by_libevent[] = "http://127.0.0.1:%d", by_libcurl[] = "http://nobody@127.0.0.1:%d";

/* A server that was told what to answer, and a client of it. */
struct talk {
	struct scripted_server server;
	struct address address;
	struct client *client;
	struct err err;
	json_t *value;
	char requests[16384];
};

static void begin(struct talk *talk, void **state, const struct reply *replies, size_t count)
{
	char url[sizeof talk->address.url];

	*talk = (struct talk){.address = {.token = "assay_token"}};
	scripted_server_start(&talk->server, replies, count);
	/* The state is one of the two forms above. */
	snprintf(url, sizeof url, "%.*s%d", (int)(strlen(*state) - strlen("%d")), (const char *)*state,
		 talk->server.port);
	memcpy(talk->address.url, url, sizeof url);
	assert_int_equal(plain_host_may(url), strchr(url, '@') == NULL);
	talk->client = client_create(&talk->address);
	assert_non_null(talk->client);
}

#define BEGIN(talk, state, ...)                                                                                        \
	begin((talk), (state), (const struct reply[]){__VA_ARGS__},                                                    \
	      sizeof((const struct reply[]){__VA_ARGS__}) / sizeof(struct reply))

static void end(struct talk *talk)
{
	client_destroy(talk->client);
	json_decref(talk->value);
	scripted_server_finish(&talk->server, talk->requests, sizeof talk->requests);
}

static int ask(struct talk *talk)
{
	json_decref(talk->value);
	talk->value = NULL;
	return client_get(talk->client, "/boards?all=1", &talk->value, &talk->err);
}

static size_t count(const char *text, const char *word)
{
	size_t found = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		found++;
	return found;
}

/* A file of the bytes that the server expects. */
static FILE *file_of(size_t len)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	for (size_t i = 0; i < len; i++)
		fputc((int)(i % 251), file);
	rewind(file);
	return file;
}

static void test_get(void **state)
{
	struct talk talk;

	BEGIN(&talk, state, {.text = GOOD});
	assert_int_equal(ask(&talk), 0);
	assert_int_equal(json_integer_value(json_object_get(talk.value, "a")), 1);
	end(&talk);
	assert_int_equal(strncmp(talk.requests, "GET /api/v1/boards?all=1 HTTP/1.1\r\n", 35), 0);
	assert_int_equal(count(talk.requests, "\r\nAuthorization: Bearer assay_token\r\n"), 1);
	assert_int_equal(count(talk.requests, "\r\nUser-Agent: assay/"), 1);
	assert_int_equal(count(talk.requests, "\r\nHost: 127.0.0.1:"), 1);
	assert_int_equal(count(talk.requests, "Content-"), 0);
	assert_int_equal(count(talk.requests, "Expect"), 0);
}

static void test_one_connection_serves_many_requests(void **state)
{
	struct talk talk;

	/* The server takes one connection after the other: a second one would wait for ever. */
	BEGIN(&talk, state, {.text = GOOD}, {.text = GOOD}, {.text = GOOD});
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(&talk), 0);
	end(&talk);
	assert_int_equal(count(talk.requests, "GET "), 3);
}

static void test_a_kept_connection_that_was_closed_is_replaced(void **state)
{
	struct talk talk;

	BEGIN(&talk, state, {.text = GOOD, .close = true}, {.text = GOOD, .close = true}, {.text = GOOD});
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(&talk), 0);
	end(&talk);
	assert_int_equal(count(talk.requests, "GET "), 3);
}

static void test_answers_of_each_form(void **state)
{
	struct talk talk;

	BEGIN(&talk, state,
	      {.text = JSON_HEAD "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n4\r\n: 1}\r\n0\r\n\r\n"},
	      {.text = "HTTP/1.1 204 No Content\r\n\r\n"}, {.text = JSON_HEAD "Content-Length: 0\r\n\r\n"},
	      {.text = "HTTP/1.0 200 OK\r\n\r\n{\"a\": 1}", .close = true});
	assert_int_equal(ask(&talk), 0);
	assert_int_equal(json_integer_value(json_object_get(talk.value, "a")), 1);
	assert_int_equal(ask(&talk), 0);
	assert_true(json_is_null(talk.value));
	assert_int_equal(ask(&talk), 0);
	assert_true(json_is_null(talk.value));
	assert_int_equal(ask(&talk), 0);
	assert_int_equal(json_integer_value(json_object_get(talk.value, "a")), 1);
	end(&talk);
}

static void test_bodies(void **state)
{
	unsigned char text[600];
	struct talk talk;
	FILE *file = file_of(UPLOAD_BYTES);

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (unsigned char)(i % 251);
	BEGIN(&talk, state, {.text = GOOD}, {.text = GOOD}, {.text = GOOD}, {.text = GOOD});
	assert_int_equal(client_put_text(talk.client, "/suites/x", "text/plain", (const char *)text, sizeof text,
					 &talk.value, &talk.err),
			 0);
	json_decref(talk.value);
	assert_int_equal(client_upload(talk.client, "/images", file, UPLOAD_BYTES, &talk.value, &talk.err), 0);
	json_decref(talk.value);
	assert_int_equal(client_post(talk.client, "/drain", NULL, &talk.value, &talk.err), 0);
	json_decref(talk.value);
	assert_int_equal(client_delete(talk.client, "/tokens/x", &talk.value, &talk.err), 0);
	end(&talk);
	fclose(file);
	assert_non_null(strstr(talk.requests, "PUT /api/v1/suites/x HTTP/1.1\r\n"));
	assert_int_equal(count(talk.requests, "\r\nContent-Type: text/plain\r\n"), 1);
	assert_int_equal(count(talk.requests, "body 600\n"), 1);
	assert_int_equal(count(talk.requests, "\r\nContent-Type: application/octet-stream\r\n"), 1);
	assert_int_equal(count(talk.requests, "body 3145728\n"), 1);
	assert_int_equal(count(talk.requests, "something else"), 0);
	assert_non_null(strstr(talk.requests, "POST /api/v1/drain HTTP/1.1\r\n"));
	assert_int_equal(count(talk.requests, "\r\nContent-Length: 0\r\n"), 1);
	assert_non_null(strstr(talk.requests, "DELETE /api/v1/tokens/x HTTP/1.1\r\n"));
}

static void test_an_upload_goes_out_again_whole(void **state)
{
	struct talk talk;
	FILE *file = file_of(UPLOAD_BYTES);

	BEGIN(&talk, state, {.text = GOOD, .close = true}, {.text = GOOD});
	assert_int_equal(ask(&talk), 0);
	assert_int_equal(client_upload(talk.client, "/images", file, UPLOAD_BYTES, NULL, &talk.err), 0);
	end(&talk);
	fclose(file);
	assert_int_equal(count(talk.requests, "body 3145728\n"), 1);
}

static void test_refusals(void **state)
{
	static const struct {
		int status;
		enum err_code code;
	} cases[] = {
		{301, ERR_PROTOCOL}, {401, ERR_DENIED}, {403, ERR_DENIED},   {404, ERR_NOT_FOUND},
		{422, ERR_INVALID},  {503, ERR_BUSY},   {507, ERR_NO_SPACE}, {500, ERR_PROTOCOL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		static const char body[] = "{\"error\": {\"message\": \"so not\", \"problems\": [1, 2]}}";
		struct talk talk;
		char text[256];

		snprintf(text, sizeof text, "HTTP/1.1 %d Whatever\r\nContent-Length: %zu\r\n\r\n%s", cases[i].status,
			 strlen(body), body);
		BEGIN(&talk, state, {.text = text});
		assert_int_equal(ask(&talk), cases[i].code);
		assert_string_equal(talk.err.text, "so not");
		assert_int_equal(json_array_size(client_problems(talk.client)), 2);
		end(&talk);
	}
}

static void test_a_refusal_before_the_upload_ends(void **state)
{
	struct talk talk;
	FILE *file = file_of(UPLOAD_BYTES);

	BEGIN(&talk, state,
	      {.text = "HTTP/1.1 413 Too Big\r\nConnection: close\r\nContent-Length: 33\r\n\r\n"
		       "{\"error\": {\"message\": \"too big\"}}",
	       .early = true});
	assert_int_equal(client_upload(talk.client, "/images", file, UPLOAD_BYTES, NULL, &talk.err), ERR_INVALID);
	assert_string_equal(talk.err.text, "too big");
	end(&talk);
	fclose(file);
}

static void test_answers_that_break(void **state)
{
	static const struct {
		const char *text;
		enum err_code code;
		const char *said;
	} cases[] = {
		{NULL, ERR_UNREACHABLE, "lost assayd at "},
		{JSON_HEAD "Content-Length: 80\r\n\r\n{\"a\"", ERR_UNREACHABLE, "lost assayd at "},
		{JSON_HEAD "Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n", ERR_UNREACHABLE, "lost assayd at "},
		{"220 mail.example ESMTP\r\n\r\n", ERR_UNREACHABLE, "lost assayd at "},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ERR_PROTOCOL, "is not assayd: GET /boards?all=1"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct talk talk;

		BEGIN(&talk, state, {.text = cases[i].text, .close = true});
		assert_int_equal(ask(&talk), cases[i].code);
		assert_non_null(strstr(talk.err.text, cases[i].said));
		end(&talk);
		assert_int_equal(count(talk.requests, "GET "), 1);
	}
}

static void test_nobody_there(void **state)
{
	struct talk talk;

	BEGIN(&talk, state, {.text = GOOD, .close = true});
	assert_int_equal(ask(&talk), 0);
	scripted_server_finish(&talk.server, talk.requests, sizeof talk.requests);
	assert_int_equal(ask(&talk), ERR_UNREACHABLE);
	assert_non_null(strstr(talk.err.text, "cannot reach assayd at http://"));
	assert_non_null(strstr(talk.err.text, ": is it running? ("));
	client_destroy(talk.client);
}

static void test_downloads(void **state)
{
	struct talk talk;
	FILE *good = tmpfile(), *full = fopen("/dev/full", "w");
	char text[9] = "";

	assert_non_null(good);
	assert_non_null(full);
	setbuf(full, NULL);
	BEGIN(&talk, state, {.text = GOOD}, {.text = "HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\n{}"},
	      {.text = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", .filler = 100000, .close = true});
	assert_int_equal(client_download(talk.client, "/report", good, &talk.err), 0);
	rewind(good);
	assert_int_equal(fread(text, 1, sizeof text, good), 8);
	assert_string_equal(text, "{\"a\": 1}");
	assert_int_equal(client_download(talk.client, "/report", good, &talk.err), ERR_NOT_FOUND);
	assert_int_equal(ftell(good), 8);
	assert_int_equal(client_download(talk.client, "/report", full, &talk.err), ERR_NO_SPACE);
	end(&talk);
	fclose(good);
	fclose(full);
}

static void test_an_answer_too_big_to_hold(void **state)
{
	struct talk talk;
	char head[128];

	snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n", CLIENT_MAX_ANSWER + 1);
	BEGIN(&talk, state, {.text = head, .filler = CLIENT_MAX_ANSWER + 1, .close = true});
	assert_int_equal(ask(&talk), ERR_TOO_BIG);
	client_destroy(talk.client);
	json_decref(talk.value);
	close(talk.server.gate);
	close(talk.server.report);
}

/* Lets the answer come once it was told often enough that it does not. */
struct waiting {
	struct talk *talk;
	int told;
	int64_t last_ms;
};

static void on_wait(void *context, int64_t waited_ms)
{
	struct waiting *waiting = context;

	assert_true(waited_ms >= waiting->last_ms);
	waiting->last_ms = waited_ms;
	if (++waiting->told == MANY_WAITS)
		scripted_server_release(&waiting->talk->server);
}

static void test_who_is_patient_is_told(void **state)
{
	struct talk talk;
	struct waiting waiting = {.talk = &talk};

	BEGIN(&talk, state, {.text = GOOD, .held = true});
	client_be_patient(talk.client, on_wait, &waiting);
	assert_int_equal(ask(&talk), 0);
	assert_true(waiting.told >= MANY_WAITS);
	end(&talk);
}

static void test_a_name_is_looked_up(void **state)
{
	struct talk talk;

	(void)state;
	BEGIN(&talk, (void *[]){(void *)(uintptr_t)by_libevent}, {.text = GOOD});
	client_destroy(talk.client);
	/* Mostly ::1 before 127.0.0.1, where the server is. */
	snprintf(talk.address.url, sizeof talk.address.url, "http://localhost:%d/farm", talk.server.port);
	talk.client = client_create(&talk.address);
	assert_int_equal(ask(&talk), 0);
	end(&talk);
	assert_int_equal(strncmp(talk.requests, "GET /farm/api/v1/boards?all=1 HTTP/1.1\r\n", 40), 0);
	assert_int_equal(count(talk.requests, "\r\nHost: localhost:"), 1);
}

static void test_no_such_host(void **state)
{
	struct address address = {.url = "http://no-such-host.invalid", .token = "x"};
	struct client *client = client_create(&address);
	struct err err = {0};

	(void)state;
	assert_int_equal(client_get(client, "/boards", NULL, &err), ERR_UNREACHABLE);
	assert_string_equal(err.text, "cannot reach assayd at http://no-such-host.invalid: is it running? (Could not "
				      "resolve host: no-such-host.invalid)");
	client_destroy(client);
}

static void test_a_proxy_is_asked(void **state)
{
	struct talk talk;
	char proxy[64];

	(void)state;
	BEGIN(&talk, (void *[]){(void *)(uintptr_t)by_libevent}, {.text = GOOD});
	client_destroy(talk.client);
	snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", talk.server.port);
	setenv("http_proxy", proxy, 1);
	snprintf(talk.address.url, sizeof talk.address.url, "http://farm.invalid");
	assert_false(plain_host_may(talk.address.url));
	talk.client = client_create(&talk.address);
	assert_int_equal(ask(&talk), 0);
	unsetenv("http_proxy");
	end(&talk);
	assert_int_equal(strncmp(talk.requests, "GET http://farm.invalid/api/v1/boards?all=1 HTTP/1.1\r\n", 54), 0);
}

static void test_https_is_no_http(void **state)
{
	struct talk talk;

	(void)state;
	BEGIN(&talk, (void *[]){(void *)(uintptr_t)by_libevent}, {.text = GOOD, .close = true});
	client_destroy(talk.client);
	snprintf(talk.address.url, sizeof talk.address.url, "https://127.0.0.1:%d", talk.server.port);
	assert_false(plain_host_may(talk.address.url));
	talk.client = client_create(&talk.address);
	assert_int_equal(ask(&talk), ERR_UNREACHABLE);
	assert_non_null(strstr(talk.err.text, "SSL"));
	client_destroy(talk.client);
	/* What it was asked was no request: it still has its answer to give. */
	memcpy(talk.address.url, "http:", 5);
	memmove(talk.address.url + 5, talk.address.url + 6, strlen(talk.address.url + 6) + 1);
	talk.client = client_create(&talk.address);
	assert_int_equal(ask(&talk), 0);
	end(&talk);
}

static void test_addresses(void **state)
{
	static const struct {
		const char *url;
		const char *name, *where, *prefix;
		int port;
	} cases[] = {
		{"http://127.0.0.1:7180", "127.0.0.1", "127.0.0.1:7180", "", 7180},
		{"http://farm.example", "farm.example", "farm.example", "", 80},
		{"http://[::1]:81/x/y", "::1", "[::1]:81", "/x/y", 81},
	};
	static const char *const others[] = {"https://farm.example", "http://a:b@farm.example", "http://farm:99999",
					     "http://farm?x",        "http://farm#x",           "http://"};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plain_host host;

		assert_true(plain_host_may(cases[i].url));
		plain_host_init(&host, cases[i].url);
		assert_string_equal(host.name, cases[i].name);
		assert_string_equal(host.where, cases[i].where);
		assert_string_equal(host.prefix, cases[i].prefix);
		assert_int_equal(host.port, cases[i].port);
		plain_host_finish(&host);
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(plain_host_may(others[i]));
}

#define BOTH(test)                                                                                                     \
	{#test " by libevent", test, NULL, NULL, (void *)(uintptr_t)by_libevent},                                      \
	{                                                                                                              \
#test " by libcurl", test, NULL, NULL, (void *)(uintptr_t)by_libcurl                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_get),
		BOTH(test_one_connection_serves_many_requests),
		BOTH(test_a_kept_connection_that_was_closed_is_replaced),
		BOTH(test_answers_of_each_form),
		BOTH(test_bodies),
		BOTH(test_an_upload_goes_out_again_whole),
		BOTH(test_refusals),
		BOTH(test_a_refusal_before_the_upload_ends),
		BOTH(test_answers_that_break),
		BOTH(test_nobody_there),
		BOTH(test_downloads),
		BOTH(test_an_answer_too_big_to_hold),
		BOTH(test_who_is_patient_is_told),
		cmocka_unit_test(test_a_name_is_looked_up),
		cmocka_unit_test(test_no_such_host),
		cmocka_unit_test(test_a_proxy_is_asked),
		cmocka_unit_test(test_https_is_no_http),
		cmocka_unit_test(test_addresses),
	};

	/* A proxy of the machine's is none of this. */
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
