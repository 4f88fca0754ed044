# SPDX-License-Identifier: Apache-2.0
# What every Assay target shares: language level, warnings, sanitizers, and how libraries, programs and tests are declared.
include_guard(GLOBAL)

option(ASSAY_WERROR "Treat warnings as errors" OFF)
option(ASSAY_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers to build with, such as address,undefined or thread")

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
# Assertions stay on in every build: a farm that goes on after a broken invariant can give a wrong verdict.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")

find_program(ASSAY_CCACHE ccache)
if(ASSAY_CCACHE)
	set(CMAKE_C_COMPILER_LAUNCHER ${ASSAY_CCACHE})
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(LWS REQUIRED IMPORTED_TARGET libwebsockets)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(EVENT REQUIRED IMPORTED_TARGET libevent_core libevent_extra)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
find_package(Threads REQUIRED)

add_library(assay_options INTERFACE)
target_compile_options(assay_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
	-Wmissing-prototypes -Wvla -fno-common -fstack-protector-strong $<$<BOOL:${ASSAY_WERROR}>:-Werror>)
target_compile_definitions(assay_options INTERFACE _GNU_SOURCE ASSAY_VERSION="${PROJECT_VERSION}")
target_include_directories(assay_options INTERFACE ${CMAKE_SOURCE_DIR})
if(ASSAY_SANITIZE)
	target_compile_options(assay_options INTERFACE -fsanitize=${ASSAY_SANITIZE} -fno-sanitize-recover=all
		-fno-omit-frame-pointer)
	target_link_options(assay_options INTERFACE -fsanitize=${ASSAY_SANITIZE})
endif()
if(ASSAY_FUZZ)
	target_compile_options(assay_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# assay_add_subdirectory_if(DIR): enter DIR when it has a CMakeLists.txt.
function(assay_add_subdirectory_if dir)
	if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${dir}/CMakeLists.txt)
		add_subdirectory(${dir})
	endif()
endfunction()

# assay_library(NAME SOURCES a.c … LIBS x y …): a static library with the house's options.
function(assay_library name)
	cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
	add_library(${name} STATIC ${A_SOURCES})
	target_link_libraries(${name} PUBLIC ${A_LIBS} PRIVATE assay_options)
	target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()

# assay_loads(TARGET PREFIX MACRO): TARGET is compiled against the package that pkg_check_modules found as PREFIX, and not
# linked with it: its soname becomes MACRO, for dlopen.
function(assay_loads target prefix macro)
	execute_process(COMMAND ${CMAKE_READELF} -d ${${prefix}_LINK_LIBRARIES} OUTPUT_VARIABLE about
		COMMAND_ERROR_IS_FATAL ANY)
	if(NOT about MATCHES "SONAME[^[]*\\[([^]]+)\\]")
		message(FATAL_ERROR "${${prefix}_LINK_LIBRARIES} has no soname")
	endif()
	target_compile_definitions(${target} PRIVATE ${macro}="${CMAKE_MATCH_1}")
	target_include_directories(${target} PRIVATE ${${prefix}_INCLUDE_DIRS})
endfunction()

# assay_program(NAME SOURCES a.c … LIBS x y …): an installed program, put into ${CMAKE_BINARY_DIR}/bin.
function(assay_program name)
	cmake_parse_arguments(A "" "" "SOURCES;LIBS" ${ARGN})
	add_executable(${name} ${A_SOURCES})
	target_link_libraries(${name} PRIVATE ${A_LIBS} assay_options)
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
	install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()

# assay_unit_test(NAME SOURCES a.c … LIBS x y … [THREADS]): a cmocka program that CTest runs, label "unit". THREADS: more
# than one thread of ours runs in it, so script/test runs it under ThreadSanitizer too (label "threads", target
# `threads_tests`).
function(assay_unit_test name)
	if(NOT BUILD_TESTING)
		return()
	endif()
	cmake_parse_arguments(A "THREADS" "" "SOURCES;LIBS" ${ARGN})
	pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET GLOBAL cmocka)
	add_executable(${name} ${A_SOURCES})
	target_link_libraries(${name} PRIVATE ${A_LIBS} PkgConfig::CMOCKA assay_options)
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
	target_compile_definitions(${name} PRIVATE ASSAY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
	add_test(NAME ${name} COMMAND ${name})
	set(labels unit)
	if(A_THREADS)
		list(APPEND labels threads)
		if(NOT TARGET threads_tests)
			add_custom_target(threads_tests)
		endif()
		add_dependencies(threads_tests ${name})
	endif()
	set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 600)
endfunction()

# assay_mutants(NAME MODULE): a Python module that puts bugs into copies of sources; the same work in every preset.
function(assay_mutants name module)
	find_package(Python3 REQUIRED COMPONENTS Interpreter)
	add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} -B -m ${module} --cc ${CMAKE_C_COMPILER} --jobs 2
		--launcher=${CMAKE_C_COMPILER_LAUNCHER} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	# COST: the long ones begin first.
	set_tests_properties(${name} PROPERTIES LABELS sim TIMEOUT 1800 PROCESSORS 2 COST 100)
endfunction()

# assay_fuzzer(NAME SOURCES a.c … LIBS x y … CORPUS dir …): a libFuzzer program; only in the fuzz preset. CTest runs it for
# a few seconds, beginning with the files of the corpus folders; run it by hand for longer. Target `fuzzers`: all of them.
function(assay_fuzzer name)
	if(NOT ASSAY_FUZZ)
		return()
	endif()
	cmake_parse_arguments(A "" "" "SOURCES;LIBS;CORPUS" ${ARGN})
	add_executable(${name} ${A_SOURCES})
	target_link_libraries(${name} PRIVATE ${A_LIBS} assay_options)
	target_link_options(${name} PRIVATE -fsanitize=fuzzer)
	set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
	set(found ${CMAKE_BINARY_DIR}/fuzz/${name}.corpus)
	file(MAKE_DIRECTORY ${found})
	add_test(NAME ${name} COMMAND ${name} -runs=50000 -max_total_time=10 -max_len=65536 -timeout=60 ${found}
		${A_CORPUS})
	if(NOT TARGET fuzzers)
		add_custom_target(fuzzers)
	endif()
	add_dependencies(fuzzers ${name})
	set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 600 WORKING_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
