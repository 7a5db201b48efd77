# atalaya_module(name LAYER n [TEST_ALWAYS] [POSTGRES] [DEPENDS modules…] [PRIVATE targets…] [PUBLIC targets…])
#
# Makes the library atalaya_<name> from the module's folder: every *.cpp is source, every
# *_test.cpp joins the test program atalaya_<name>_test, every *_bench.cpp the benchmark
# atalaya_<name>_bench, every *_fuzz.cpp a fuzz target (and, in every build, a replay of its
# corpus). A module exposes only its own include/, and may depend only on modules of a lower
# layer: anything else is refused here, at configure time. TEST_ALWAYS: its tests are built beside
# the program too, because something in them cannot run under sanitizers (limits of memory).
# POSTGRES: those of its tests that have "postgresql" in their names run once more, as <name>_postgres,
# with a server that the script starts for them; skipped where none is installed.
# QUICK_COMPILE: -O1 where others have -O2, for code that mostly waits for lower layers: a quarter off
# its compile. PRECOMPILE: further headers that most sources of the module read (with ATALAYA_PCH, which takes
# four tenths off a build from nothing; builds without it prove that every source names what it uses).
set_property(GLOBAL PROPERTY ATALAYA_MODULES "")
# Every test program and fuzz target, without the program that users run.
add_custom_target(atalaya_tests)
add_custom_target(atalaya_headers)  # every public header compiled alone: make lint
set(ATALAYA_COMMON_HEADERS <algorithm> <array> <charconv> <cmath> <cstdint> <filesystem> <functional>
  <map> <memory> <mutex> <numeric> <optional> <set> <span> <string> <string_view> <unordered_map>
  <utility> <variant> <vector> <fmt/format.h> <atalaya/base/result.hpp> <atalaya/base/text.hpp>)

function(atalaya_module name)
  cmake_parse_arguments(M "TEST_ALWAYS;POSTGRES;QUICK_COMPILE" "LAYER" "DEPENDS;PRIVATE;PUBLIC;TEST_PRIVATE;PRECOMPILE" ${ARGN})
  if(NOT DEFINED M_LAYER OR M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "atalaya_module(${name}): give LAYER n, and only TEST_ALWAYS, POSTGRES, QUICK_COMPILE, DEPENDS, PRIVATE, PUBLIC, TEST_PRIVATE, PRECOMPILE")
  endif()
  set_property(GLOBAL PROPERTY ATALAYA_LAYER_${name} ${M_LAYER})
  set_property(GLOBAL APPEND PROPERTY ATALAYA_MODULES ${name})
  set_property(GLOBAL PROPERTY ATALAYA_DEPENDS_${name} "${M_DEPENDS}")

  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

  set(target atalaya_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE ${M_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} atalaya_flags ${M_PUBLIC})
  target_include_directories(${target} ${scope} ${CMAKE_CURRENT_SOURCE_DIR}/include)
  set(precompile ${ATALAYA_COMMON_HEADERS} ${M_PRECOMPILE})
  if(ATALAYA_PCH AND M_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${precompile})
  endif()
  if(M_QUICK_COMPILE AND CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
  endif()
  foreach(dependency IN LISTS M_DEPENDS)
    get_property(layer GLOBAL PROPERTY ATALAYA_LAYER_${dependency})
    if(NOT DEFINED layer OR layer STREQUAL "")
      message(FATAL_ERROR "module ${name} depends on ${dependency}, which is not declared before it")
    endif()
    if(layer GREATER_EQUAL M_LAYER)
      message(FATAL_ERROR "module ${name} (layer ${M_LAYER}) may not use ${dependency} (layer ${layer}): "
        "a module uses only lower layers. Declare a port in ${name} and wire it in app.")
    endif()
    target_link_libraries(${target} ${scope} atalaya_${dependency})
  endforeach()

  # Every public header must compile alone (atalaya_headers).
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/include/*.hpp)
  if(headers)
    foreach(header IN LISTS headers)
      file(RELATIVE_PATH relative ${CMAKE_CURRENT_SOURCE_DIR}/include ${header})
      string(MAKE_C_IDENTIFIER ${relative} stem)
      set(unit ${CMAKE_BINARY_DIR}/headers/${stem}.cpp)
      if(NOT EXISTS ${unit})
        file(WRITE ${unit} "#include <${relative}>\n")
      endif()
      list(APPEND units ${unit})
    endforeach()
    add_library(${target}_headers OBJECT EXCLUDE_FROM_ALL ${units})
    target_link_libraries(${target}_headers PRIVATE ${target})
    target_compile_options(${target}_headers PRIVATE -O0 -g0 -U_FORTIFY_SOURCE)
    add_dependencies(atalaya_headers ${target}_headers)
  endif()

  if(tests AND (ATALAYA_UNIT_TESTS OR (ATALAYA_TESTS AND M_TEST_ALWAYS)))
    add_executable(${target}_test ${tests})
    target_link_libraries(${target}_test PRIVATE ${target} ${M_PRIVATE} ${M_TEST_PRIVATE}
      rapidcheck GTest::gmock GTest::gtest_main)
    target_include_directories(${target}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_compile_definitions(${target}_test PRIVATE ATALAYA_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    # What is tested is optimised; the tests themselves are not, which takes a third off their compile.
    target_compile_options(${target}_test PRIVATE -O0 -g0 -U_FORTIFY_SOURCE)
    if(ATALAYA_SANITIZE MATCHES "address")  # nor are they what is looked for with the dearer half
      target_compile_options(${target}_test PRIVATE -fno-sanitize=undefined
        -fno-sanitize-address-use-after-scope)
    endif()
    list(LENGTH tests test_count)
    if(ATALAYA_PCH AND test_count GREATER 5)  # a header that is read less often costs more than it saves
      target_precompile_headers(${target}_test PRIVATE <gtest/gtest.h> <gmock/gmock.h>
        <rapidcheck.h> <rapidcheck/gtest.h> ${precompile})
    endif()
    add_test(NAME ${name} COMMAND ${target}_test --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES COST ${M_LAYER})  # the higher, the longer: those go first
    add_dependencies(atalaya_tests ${target}_test)
    if(ATALAYA_UNIT_TESTS AND M_POSTGRES)
      add_test(NAME ${name}_postgres COMMAND ${CMAKE_SOURCE_DIR}/tests/functional/postgres_server run
        $<TARGET_FILE:${target}_test> --gtest_brief=1 --gtest_filter=*postgresql*)
      set_tests_properties(${name}_postgres PROPERTIES SKIP_RETURN_CODE 77 COST ${M_LAYER})
    endif()
  endif()
  if(ATALAYA_BENCH AND benches)
    add_executable(${target}_bench ${benches})
    target_link_libraries(${target}_bench PRIVATE ${target} ${M_PRIVATE} benchmark::benchmark)
    target_include_directories(${target}_bench PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  # Under clang a *_fuzz.cpp is a libFuzzer program; elsewhere it is linked with a main that
  # replays tests/corpora/<stem>/ and a few thousand seeded mutations of it.
  foreach(fuzzer IN LISTS fuzzers)
    get_filename_component(stem ${fuzzer} NAME_WE)
    if(ATALAYA_FUZZ)
      add_executable(${stem} ${fuzzer})
      target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    elseif(ATALAYA_UNIT_TESTS)
      add_executable(${stem} ${fuzzer} ${CMAKE_SOURCE_DIR}/tests/fuzz_replay.cpp)
    endif()
    if(TARGET ${stem})
      target_link_libraries(${stem} PRIVATE ${target} ${M_PRIVATE})
      target_include_directories(${stem} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
      if(NOT ATALAYA_FUZZ)
        add_test(NAME ${stem} COMMAND ${stem} ${CMAKE_SOURCE_DIR}/tests/corpora/${stem})
        add_dependencies(atalaya_tests ${stem})
      endif()
    endif()
  endforeach()
endfunction()
