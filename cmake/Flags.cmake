# One interface target carries every compile and link option of the project, so that a module
# can neither forget a warning nor add a private exception to one.
add_library(atalaya_flags INTERFACE)
target_compile_features(atalaya_flags INTERFACE cxx_std_23)
target_compile_options(atalaya_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wformat=2 -Wundef -Wvla -Wdate-time
  -Wswitch-enum -Wextra-semi -Werror
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(NOT ATALAYA_SANITIZE)  # which looks for what these guard against, and would compile longer
  target_compile_options(atalaya_flags INTERFACE -fstack-protector-strong -fcf-protection=full)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(atalaya_flags INTERFACE
    -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wuseless-cast -Wsuggest-override
    # -Wrestrict reports impossible sizes for std::string + literal at -O2 (GCC bug 105651).
    -Wno-restrict -Wbidi-chars=any -fstack-reuse=none -ftrivial-auto-var-init=zero)
  if(ATALAYA_PCH)
    # The same for what is inlined from std::string and std::string_view out of precompiled headers,
    # which GCC no longer takes for a system's.
    target_compile_options(atalaya_flags INTERFACE -Wno-stringop-overread -Wno-stringop-overflow
      -Wno-array-bounds)
  endif()
else()
  target_compile_options(atalaya_flags INTERFACE -Wthread-safety -Wno-unknown-warning-option)
endif()
target_compile_definitions(atalaya_flags INTERFACE _GLIBCXX_ASSERTIONS)
if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT ATALAYA_SANITIZE)
  target_compile_definitions(atalaya_flags INTERFACE _FORTIFY_SOURCE=3)
endif()
target_link_options(atalaya_flags INTERFACE -Wl,-z,relro,-z,now -fuse-ld=mold)

# Sanitizers come through the presets; null, vptr, alignment and object-size are left out because
# they multiply the compile time of the network code by five and have found nothing there; return,
# unreachable, pointer-overflow and vla-bound because warnings that are errors say the same, and every
# compile takes a tenth longer with them.
if(ATALAYA_SANITIZE)
  target_compile_options(atalaya_flags INTERFACE -fsanitize=${ATALAYA_SANITIZE}
    -fno-sanitize=null,vptr,alignment,object-size,return,unreachable,pointer-overflow,vla-bound -fno-sanitize-recover=all
    -Wno-error=maybe-uninitialized)
  target_link_options(atalaya_flags INTERFACE -fsanitize=${ATALAYA_SANITIZE})
endif()
if(ATALAYA_COVERAGE)
  target_compile_options(atalaya_flags INTERFACE --coverage)
  target_link_options(atalaya_flags INTERFACE --coverage)
endif()
