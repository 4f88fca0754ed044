# SPDX-License-Identifier: Apache-2.0
# Finds the FreeRTOS kernel's sources: unpacked once, by cargo, from the registry package that sources/Cargo.lock pins.
# Sets FREERTOS_KERNEL to the folder, or leaves it empty when there is no cargo that can do it, or no registry.
include_guard(DIRECTORY)

set(FREERTOS_KERNEL "" CACHE PATH "A FreeRTOS-Kernel tree to use instead of the one from the registry")

function(freertos_kernel_find)
	set(vendor ${CMAKE_BINARY_DIR}/vendor)
	set(kernel ${vendor}/freertos-next-0.7.5/FreeRTOS-Kernel)
	if(NOT EXISTS ${kernel}/tasks.c)
		find_program(CARGO cargo)
		if(NOT CARGO)
			message(STATUS "FreeRTOS test images: not built, cargo (1.85 or later) is missing")
			return()
		endif()
		file(COPY ${CMAKE_CURRENT_LIST_DIR}/sources DESTINATION ${CMAKE_CURRENT_BINARY_DIR})
		file(TOUCH ${CMAKE_CURRENT_BINARY_DIR}/sources/lib.rs)
		execute_process(
			COMMAND ${CARGO} vendor --quiet --locked --versioned-dirs ${vendor}
			WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/sources
			RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE why TIMEOUT 120)
		if(status OR NOT EXISTS ${kernel}/tasks.c)
			message(STATUS "FreeRTOS test images: not built, cargo could not get the sources: ${why}")
			return()
		endif()
	endif()
	set(FREERTOS_KERNEL ${kernel} PARENT_SCOPE)
endfunction()

if(NOT FREERTOS_KERNEL)
	freertos_kernel_find()
endif()
