# SPDX-License-Identifier: Apache-2.0
# Builds Cortex-M images with arm-none-eabi-gcc from inside a build for the host: plain commands, no second project.
include_guard(DIRECTORY)

find_program(FIRMWARE_CC arm-none-eabi-gcc)
find_program(FIRMWARE_OBJCOPY arm-none-eabi-objcopy)

cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH FIRMWARE_DIR)
cmake_path(GET FIRMWARE_DIR PARENT_PATH FIRMWARE_REPOSITORY)

# Reproducible: no paths of this machine (compilers run in the build's root for that), no time, no counters; the build id
# hashes what is left.
set(FIRMWARE_CFLAGS
	-std=gnu17 -Os -g -ffreestanding -fno-common -ffunction-sections -fdata-sections -mthumb
	-ffile-prefix-map=${FIRMWARE_REPOSITORY}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build)
set(FIRMWARE_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror)
set(FIRMWARE_LDFLAGS
	-mthumb -nostartfiles --specs=nano.specs -Wl,--gc-sections -Wl,--build-id=sha1 -Wl,--fatal-warnings
	-Wl,--no-warn-rwx-segments)

# firmware_objects(NAME ret SOURCES a.c … CPU cortex-m3 INCLUDES dir … DEFINES X=1 … OPTIONS -W…): compiles each source
# into ${CMAKE_CURRENT_BINARY_DIR}/obj/NAME/ and sets ret to the list of objects.
function(firmware_objects name ret)
	cmake_parse_arguments(F "" "CPU" "SOURCES;INCLUDES;DEFINES;OPTIONS" ${ARGN})
	list(TRANSFORM F_INCLUDES PREPEND -I)
	list(TRANSFORM F_DEFINES PREPEND -D)
	set(objects)
	foreach(source IN LISTS F_SOURCES)
		cmake_path(ABSOLUTE_PATH source NORMALIZE OUTPUT_VARIABLE from)
		cmake_path(GET from FILENAME file)
		cmake_path(GET from PARENT_PATH folder)
		cmake_path(GET folder FILENAME folder)
		set(to ${CMAKE_CURRENT_BINARY_DIR}/obj/${name}/${folder}/${file}.o)
		cmake_path(GET to PARENT_PATH to_folder)
		file(MAKE_DIRECTORY ${to_folder})
		add_custom_command(OUTPUT ${to}
			COMMAND ${FIRMWARE_CC} -mcpu=${F_CPU} ${FIRMWARE_CFLAGS} ${F_OPTIONS} ${F_DEFINES} ${F_INCLUDES}
				-MMD -MF ${to}.d -MT ${to} -c ${from} -o ${to}
			DEPENDS ${from} DEPFILE ${to}.d
			WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
			COMMENT "ARM ${name}/${folder}/${file}" VERBATIM COMMAND_EXPAND_LISTS)
		list(APPEND objects ${to})
	endforeach()
	set(${ret} ${objects} PARENT_SCOPE)
endfunction()

# firmware_link(NAME OUTPUT file.elf CPU cortex-m3 OBJECTS … SCRIPT board.ld SCRIPT_DIRS dir … SCRIPT_DEPENDS file …
# FLAGS -m… [HEX_BIN]): links an image, with .hex and .bin beside it when HEX_BIN is given; NAME becomes a target that
# builds it all.
function(firmware_link name)
	cmake_parse_arguments(F "HEX_BIN" "OUTPUT;CPU;SCRIPT" "OBJECTS;SCRIPT_DIRS;SCRIPT_DEPENDS;FLAGS" ${ARGN})
	list(TRANSFORM F_SCRIPT_DIRS PREPEND -L)
	add_custom_command(OUTPUT ${F_OUTPUT}
		COMMAND ${FIRMWARE_CC} -mcpu=${F_CPU} ${FIRMWARE_LDFLAGS} ${F_FLAGS} ${F_SCRIPT_DIRS} -T ${F_SCRIPT} ${F_OBJECTS} -o ${F_OUTPUT}
		DEPENDS ${F_OBJECTS} ${F_SCRIPT} ${F_SCRIPT_DEPENDS}
		COMMENT "ARM link ${name}" VERBATIM COMMAND_EXPAND_LISTS)
	set(outputs ${F_OUTPUT})
	if(F_HEX_BIN)
		foreach(format IN ITEMS ihex:hex binary:bin)
			string(REPLACE ":" ";" format ${format})
			list(GET format 0 kind)
			list(GET format 1 extension)
			cmake_path(REPLACE_EXTENSION F_OUTPUT LAST_ONLY ${extension} OUTPUT_VARIABLE converted)
			add_custom_command(OUTPUT ${converted}
				COMMAND ${FIRMWARE_OBJCOPY} --gap-fill 0xff -O ${kind} ${F_OUTPUT} ${converted}
				DEPENDS ${F_OUTPUT} VERBATIM)
			list(APPEND outputs ${converted})
		endforeach()
	endif()
	add_custom_target(${name} DEPENDS ${outputs})
endfunction()
