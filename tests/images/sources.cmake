# SPDX-License-Identifier: Apache-2.0
# Finds the sources of the FreeRTOS kernel and of lwIP: unpacked once, by cargo, from the registry packages that
# sources/Cargo.lock pins. Sets FREERTOS_KERNEL and LWIP to the folders, or leaves them empty when there is no cargo that
# can do it, or no registry.
include_guard(DIRECTORY)

set(FREERTOS_KERNEL "" CACHE PATH "A FreeRTOS-Kernel tree to use instead of the one from the registry")
set(LWIP "" CACHE PATH "An lwIP tree to use instead of the one from the registry")

# third_party_empty(FOLDER NAME VERSION [FEATURE…]): a package without content, in the place of one that is not needed.
function(third_party_empty folder name version)
	list(TRANSFORM ARGN APPEND " = []\n" OUTPUT_VARIABLE features)
	list(JOIN features "" features)
	file(WRITE ${folder}/${name}/Cargo.toml
		"[package]\nname = \"${name}\"\nversion = \"${version}\"\n[lib]\npath = \"lib.rs\"\n[features]\n${features}")
	file(TOUCH ${folder}/${name}/lib.rs)
endfunction()

function(third_party_fetch vendor)
	find_program(CARGO cargo)
	if(NOT CARGO)
		message(STATUS "Test images with FreeRTOS: not built, cargo (1.85 or later) is missing")
		return()
	endif()
	set(sources ${CMAKE_CURRENT_BINARY_DIR}/sources)
	file(COPY ${CMAKE_CURRENT_LIST_DIR}/sources DESTINATION ${CMAKE_CURRENT_BINARY_DIR})
	file(TOUCH ${sources}/lib.rs)
	third_party_empty(${sources}/empty bindgen 0.69.0)
	third_party_empty(${sources}/empty bytes 1.0.0)
	third_party_empty(${sources}/empty cc 1.0.0)
	third_party_empty(${sources}/empty futures 0.3.0)
	third_party_empty(${sources}/empty log 0.4.0)
	third_party_empty(${sources}/empty thiserror 1.0.0)
	third_party_empty(${sources}/empty tokio 1.0.0 sync io-util net time rt rt-multi-thread)
	execute_process(
		COMMAND ${CARGO} vendor --quiet --locked --versioned-dirs ${vendor}
		WORKING_DIRECTORY ${sources}
		RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE why TIMEOUT 120)
	if(status)
		message(STATUS "Test images with FreeRTOS: not built, cargo could not get the sources: ${why}")
	endif()
endfunction()

function(third_party_find)
	set(vendor ${CMAKE_BINARY_DIR}/vendor)
	set(kernel ${vendor}/freertos-next-0.7.5/FreeRTOS-Kernel)
	set(lwip ${vendor}/lwip-0.3.15)
	if(NOT (EXISTS ${kernel}/tasks.c AND EXISTS ${lwip}/src/core/init.c))
		third_party_fetch(${vendor})
	endif()
	if(NOT FREERTOS_KERNEL AND EXISTS ${kernel}/tasks.c)
		set(FREERTOS_KERNEL ${kernel} PARENT_SCOPE)
	endif()
	if(NOT LWIP AND EXISTS ${lwip}/src/core/init.c)
		set(LWIP ${lwip} PARENT_SCOPE)
	endif()
endfunction()

if(NOT (FREERTOS_KERNEL AND LWIP))
	third_party_find()
endif()
